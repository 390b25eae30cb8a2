//! Counters for operators: numbers only, no id of anybody.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted since start.
#[derive(Default)]
pub struct Metrics {
    /// Requests answered.
    pub requests: AtomicU64,
    /// Requests refused.
    pub refused: AtomicU64,
    /// Frames accepted, known ones included.
    pub frames_accepted: AtomicU64,
    /// Frames refused.
    pub frames_refused: AtomicU64,
    /// Frames put into quarantine.
    pub frames_late: AtomicU64,
    /// Bytes of frames sent.
    pub bytes_pulled: AtomicU64,
    /// Blob bytes taken.
    pub blob_bytes: AtomicU64,
}

impl Metrics {
    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    /// Prometheus text.
    #[must_use]
    pub fn text(&self, streams: usize, store_bytes: u64) -> String {
        let counters = [
            ("requests_total", &self.requests),
            ("refused_total", &self.refused),
            ("frames_accepted_total", &self.frames_accepted),
            ("frames_refused_total", &self.frames_refused),
            ("frames_late_total", &self.frames_late),
            ("pulled_bytes_total", &self.bytes_pulled),
            ("blob_bytes_total", &self.blob_bytes),
        ];
        let mut out = String::new();
        for (name, counter) in counters {
            let value = counter.load(Ordering::Relaxed);
            out.push_str(&format!("# TYPE meguri_{name} counter\nmeguri_{name} {value}\n"));
        }
        out.push_str(&format!("# TYPE meguri_event_streams gauge\nmeguri_event_streams {streams}\n"));
        out.push_str(&format!("# TYPE meguri_store_bytes gauge\nmeguri_store_bytes {store_bytes}\n"));
        out
    }
}
