//! The end of a process at a chosen point: before or after an effect, a commit, a rename or a request.

use meguri_replica::fault;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Where the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash(pub &'static str);

/// Does `work`; at the crash point number `nth` from now (0 is the first) everything stops. A work that comes to its end
/// gives its result and the number of points it passed.
///
/// # Errors
/// [`Crash`]: whatever held the files must be thrown away.
pub fn crash_at<T>(nth: u64, work: impl FnOnce() -> T) -> Result<(T, u64), Crash> {
    let passed = Rc::new(Cell::new(0));
    let counter = passed.clone();
    let before = fault::set(Some(Box::new(move |point| {
        let here = counter.get();
        counter.set(here + 1);
        if here == nth {
            resume_unwind(Box::new(Crash(point)));
        }
    })));
    let done = catch_unwind(AssertUnwindSafe(work));
    fault::set(before);
    match done {
        Ok(value) => Ok((value, passed.get())),
        Err(payload) => match payload.downcast::<Crash>() {
            Ok(crash) => Err(*crash),
            Err(other) => resume_unwind(other),
        },
    }
}
