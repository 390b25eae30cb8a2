//! `about.*`: about this app

pub mod diagnostics;
pub mod show;
