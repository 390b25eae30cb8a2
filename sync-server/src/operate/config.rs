//! Configuration: a TOML file, then `MEGURI_RELAY_*` from the environment. Each
//! mistake is told with the name of its key.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Settings;

/// Where environment variables begin.
pub const PREFIX: &str = "MEGURI_RELAY_";

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The data folder made by `init`.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The public name that devices sign, with a port unless it is the default.
    pub authority: String,
    /// Certificate chain, PEM.
    #[serde(default)]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Requests a device may make per second.
    #[serde(default)]
    pub requests_per_s: Option<u64>,
    /// Requests a device may make at once.
    #[serde(default)]
    pub requests_burst: Option<u64>,
    /// Bytes a device may store in an hour.
    #[serde(default)]
    pub bytes_per_hour: Option<u64>,
    /// Bytes a device may have in quarantine.
    #[serde(default)]
    pub late_bytes_max: Option<u64>,
    /// Largest size of the database; 0 for no limit.
    #[serde(default)]
    pub database_bytes_max: u64,
}

/// A mistake in the configuration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("config file {0}: cannot be read")]
    Unreadable(PathBuf),
    /// TOML, a missing, unknown or wrong key.
    #[error("config: {0}")]
    Wrong(String),
    /// Plain HTTP would leave this machine.
    #[error("listen: {0} is not a loopback address; set tls_cert and tls_key")]
    PlainHttp(SocketAddr),
    /// One of the TLS keys is missing.
    #[error("{0}: missing, it is needed with the other of tls_cert and tls_key")]
    HalfTls(&'static str),
}

impl Config {
    /// Reads a file, if one is given, under the environment.
    ///
    /// # Errors
    /// The first mistake.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|_| ConfigError::Unreadable(path.to_owned()))?,
            None => String::new(),
        };
        Self::parse(&text, environment)
    }

    /// Parses TOML under the environment.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let wrong = |error: &toml::de::Error| ConfigError::Wrong(error.message().to_owned());
        let mut table: toml::Table = toml::from_str(text).map_err(|error| wrong(&error))?;
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let number = value.parse::<i64>().map(toml::Value::Integer);
            table.insert(key.to_ascii_lowercase(), number.unwrap_or(toml::Value::String(value)));
        }
        for (key, value) in &table {
            if value.is_str() && key.ends_with("_max") {
                return Err(ConfigError::Wrong(format!("{key}: not a number")));
            }
        }
        let config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Wrong(error.to_string().trim().replace('\n', ": ")))?;
        config.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        if self.authority.is_empty() || self.authority.contains(['/', ' ']) {
            return Err(ConfigError::Wrong("authority: a name, with a port if needed".into()));
        }
        match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => Err(ConfigError::HalfTls("tls_key")),
            (None, Some(_)) => Err(ConfigError::HalfTls("tls_cert")),
            (None, None) if !self.listen.ip().is_loopback() => Err(ConfigError::PlainHttp(self.listen)),
            (_, _) => Ok(self),
        }
    }

    /// What the library needs of it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            authority: self.authority.to_ascii_lowercase(),
            requests_per_s: self.requests_per_s.unwrap_or(usual.requests_per_s),
            requests_burst: self.requests_burst.unwrap_or(usual.requests_burst),
            bytes_per_hour: self.bytes_per_hour.unwrap_or(usual.bytes_per_hour),
            late_bytes_max: self.late_bytes_max.unwrap_or(usual.late_bytes_max),
            spaces_max: usual.spaces_max,
        }
    }
}
