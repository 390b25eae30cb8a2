//! Crash points: a test may end the "process" wherever one of these stands. Without the feature `fault`, which only the
//! test kit asks for, nothing of this is compiled in.

#[cfg(feature = "fault")]
mod hook {
    use std::cell::RefCell;

    type Hook = Box<dyn FnMut(&'static str)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    }

    /// What this thread calls at each point from now on; it may unwind. The former one is returned.
    pub fn set(hook: Option<Hook>) -> Option<Hook> {
        HOOK.replace(hook)
    }

    pub(super) fn call(point: &'static str) {
        HOOK.with_borrow_mut(|hook| {
            if let Some(hook) = hook {
                hook(point);
            }
        });
    }
}

#[cfg(feature = "fault")]
pub use hook::set;

/// The program has come to this point.
#[inline]
pub fn point(name: &'static str) {
    #[cfg(feature = "fault")]
    hook::call(name);
    #[cfg(not(feature = "fault"))]
    let _ = name;
}

/// A commit with a point on both sides.
pub(crate) fn around<T>(commit: impl FnOnce() -> T) -> T {
    point("before a commit");
    let done = commit();
    point("after a commit");
    done
}
