//! Meguri in the side-by-side benchmark (`tests/bench/peers`): one program with the three roles its protocol names, and
//! `count`, by which the server role learns how many entries the relay holds; `keys`, which measures seals and feeds by
//! themselves; and `trust`, which measures what follows from a lost, a new and a five-hundredth device.
//!
//! It measures the product as it is: the relay's own `serve`, a device's own profile, replica and sync loop over HTTP.
//! It knows no rule of the product and is no part of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made must fail loudly"
)]

mod device;
mod entries;
mod keys;
mod light;
mod load;
mod region;
mod rpc;
mod server;
mod trust;
mod watch;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.get(1..).unwrap_or_default() {
        ["server", port, folder, home] => server::run(port.parse().expect("a port"), folder.as_ref(), home.as_ref()),
        ["count", folder] => server::count(folder.as_ref()),
        ["device"] => device::run(),
        ["load"] => load::run(),
        ["keys"] => keys::run(),
        ["trust", cache, names @ ..] => trust::run(cache.as_ref(), names),
        _ => panic!("server <port> <folder> <home> | count <folder> | device | load | keys | trust <cache> [name…]"),
    }
}
