//! Configuration: a TOML file, then `MEGURI_RELAY_*` from the environment, which
//! goes before it. Each mistake is told in one line that begins with its key, or
//! with its variable if it came from there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::Value;

use crate::Settings;

/// Where environment variables begin.
pub const PREFIX: &str = "MEGURI_RELAY_";

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The data folder made by `init`.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The public name that devices sign, with a port unless it is the default.
    pub authority: String,
    /// Certificate chain, PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Requests a device may make per second.
    pub requests_per_s: Option<u64>,
    /// Requests a device may make at once.
    pub requests_burst: Option<u64>,
    /// Unsigned requests a network address may make per second.
    pub unsigned_per_s: Option<u64>,
    /// Unsigned requests a network address may make at once.
    pub unsigned_burst: Option<u64>,
    /// Bytes a device may store in an hour.
    pub bytes_per_hour: Option<u64>,
    /// Bytes a device may have in quarantine.
    pub late_bytes_max: Option<u64>,
    /// Largest size of the database; 0 for no limit.
    pub database_bytes_max: u64,
}

/// A mistake in the configuration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("config file {0}: cannot be read")]
    Unreadable(PathBuf),
    /// The file is not TOML.
    #[error("config file, line {0}: not TOML")]
    NotToml(usize),
    /// A key or variable that means nothing.
    #[error("{0}: no such setting")]
    Unknown(String),
    /// A setting without which nothing goes.
    #[error("{0}: missing")]
    Missing(&'static str),
    /// A value of another kind.
    #[error("{key}: {expected}")]
    Wrong {
        /// The key or variable.
        key: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Plain HTTP would leave this machine.
    #[error("listen: {0} is not a loopback address; set tls_cert and tls_key")]
    PlainHttp(SocketAddr),
    /// One of the TLS files is not named.
    #[error("{0}: missing, it is needed with the other of tls_cert and tls_key")]
    HalfTls(&'static str),
}

const A_PATH: &str = "not a path in quotes";
const AN_ADDRESS: &str = "not an address with a port, such as \"127.0.0.1:8443\"";
const A_NAME: &str = "not a name with a port if needed, such as \"relay.example\" or \"relay.example:8443\"";
const A_COUNT: &str = "not a whole number of at least 1";
const A_SIZE: &str = "not a whole number of bytes, 0 for no limit";

/// Values by key, each with the name its mistakes are told under.
struct Given(BTreeMap<String, (String, Value)>);

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
        let mut given = Given::read(text, environment)?;
        let config = Self {
            data: given.path("data")?.ok_or(ConfigError::Missing("data"))?,
            listen: given.listen()?.ok_or(ConfigError::Missing("listen"))?,
            authority: given.authority()?.ok_or(ConfigError::Missing("authority"))?,
            tls_cert: given.path("tls_cert")?,
            tls_key: given.path("tls_key")?,
            requests_per_s: given.count("requests_per_s")?,
            requests_burst: given.count("requests_burst")?,
            unsigned_per_s: given.count("unsigned_per_s")?,
            unsigned_burst: given.count("unsigned_burst")?,
            bytes_per_hour: given.count("bytes_per_hour")?,
            late_bytes_max: given.count("late_bytes_max")?,
            database_bytes_max: given.number("database_bytes_max", 0, A_SIZE)?.unwrap_or(0),
        };
        match given.0.into_values().next() {
            Some((name, _)) => Err(ConfigError::Unknown(name)),
            None => config.check(),
        }
    }

    fn check(self) -> Result<Self, ConfigError> {
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
            unsigned_per_s: self.unsigned_per_s.unwrap_or(usual.unsigned_per_s),
            unsigned_burst: self.unsigned_burst.unwrap_or(usual.unsigned_burst),
            bytes_per_hour: self.bytes_per_hour.unwrap_or(usual.bytes_per_hour),
            late_bytes_max: self.late_bytes_max.unwrap_or(usual.late_bytes_max),
            ..usual
        }
    }
}

impl Given {
    fn read(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError::NotToml(line_of(text, &error)))?;
        let mut given: BTreeMap<_, _> = table.into_iter().map(|(key, value)| (key.clone(), (key, value))).collect();
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let key = key.to_ascii_lowercase();
            given.insert(key, (name, Value::String(value)));
        }
        Ok(Self(given))
    }

    fn take<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((name, value)) = self.0.remove(key) else {
            return Ok(None);
        };
        read(&value).map(Some).ok_or(ConfigError::Wrong { key: name, expected })
    }

    fn path(&mut self, key: &str) -> Result<Option<PathBuf>, ConfigError> {
        self.take(key, A_PATH, |value| value.as_str().filter(|text| !text.is_empty()).map(PathBuf::from))
    }

    fn listen(&mut self) -> Result<Option<SocketAddr>, ConfigError> {
        self.take("listen", AN_ADDRESS, |value| value.as_str()?.parse().ok())
    }

    fn authority(&mut self) -> Result<Option<String>, ConfigError> {
        self.take("authority", A_NAME, |value| {
            let text = value.as_str()?;
            let parsed: http::uri::Authority = text.parse().ok()?;
            (parsed.as_str() == text && !text.contains('@') && !parsed.host().is_empty()).then(|| text.to_owned())
        })
    }

    fn count(&mut self, key: &str) -> Result<Option<u64>, ConfigError> {
        self.number(key, 1, A_COUNT)
    }

    /// A number, which the environment can only give as text.
    fn number(&mut self, key: &str, least: u64, expected: &'static str) -> Result<Option<u64>, ConfigError> {
        let from_environment = self.0.get(key).is_some_and(|(name, _)| name.starts_with(PREFIX));
        self.take(key, expected, |value| {
            let number = match value.as_str() {
                Some(text) if from_environment => text.parse().ok(),
                _ => value.as_integer().and_then(|n| u64::try_from(n).ok()),
            };
            number.filter(|n| *n >= least)
        })
    }
}

fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let at = error.span().map_or(0, |span| span.start);
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}
