//! All that proves one chart, for somebody without this app: sealed under a passphrase of its own.

use super::Device;
use crate::profile::{storage, write_fresh};
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use std::path::Path;
use uuid::Uuid;

/// What an export holds, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartExported {
    /// Frames of the chart's own feed.
    pub frames: usize,
    /// Frames of it that have no effect here.
    pub set_aside: usize,
    /// Bytes of the file.
    pub bytes: usize,
}

impl Device {
    /// Writes the export of a patient's chart to a new file. What has not come back from the relay stays out.
    ///
    /// # Errors
    /// `locked`, `not_found`, `passphrase_short`, `passphrase_weak`, `refused` where the file is there already, storage codes.
    pub fn export_chart(&self, patient: Uuid, passphrase: &str, file: &Path) -> Result<ChartExported, Failure> {
        let replica = self.replica()?;
        crate::passphrase::check(passphrase, false)?;
        let space = replica.space_of(patient).map_err(storage)?.ok_or(Code::NotFound)?;
        let export = replica.chart_export(&space, self.now_ms()).map_err(storage)?;
        let mut rng = self.rng();
        let cost = rng.0.kdf_cost();
        let bytes = export.seal(passphrase, cost, &mut rng).map_err(|_| Code::Bug)?;
        write_fresh(file, &bytes)?;
        self.log.note(self.now_ms(), "chart-exported", 1);
        let chart = &export.chart;
        Ok(ChartExported { frames: chart.records.len(), set_aside: chart.set_aside.len(), bytes: bytes.len() })
    }
}
