//! `home.*`: the first screen

pub mod show;
