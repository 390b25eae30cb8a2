//! `about.*`: about this app

pub mod show;
