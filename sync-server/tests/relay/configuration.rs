//! Mistakes in the configuration, word for word.

use meguri_relay::operate::config::{Config, ConfigError};

const GOOD: &str = "data = '/d'\nlisten = '127.0.0.1:1'\nauthority = 'r.example'\n";

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, pairs)
}

fn said(text: &str, environment: &[(&str, &str)]) -> String {
    parse(text, environment).unwrap_err().to_string()
}

#[test]
fn each_mistake_has_its_one_line() {
    let with = |line: &str| format!("{GOOD}{line}\n");
    let without =
        |key: &str| GOOD.lines().filter(|l| !l.starts_with(key)).map(|l| format!("{l}\n")).collect::<String>();
    let instead = |key: &str, line: &str| format!("{}{line}\n", without(key));
    for (text, expected) in [
        (without("data"), "data: missing"),
        (without("listen"), "listen: missing"),
        (without("authority"), "authority: missing"),
        (instead("data", "data = 7"), "data: not a path in quotes"),
        (instead("data", "data = ''"), "data: not a path in quotes"),
        (instead("listen", "listen = 'localhost'"), "listen: not an address with a port, such as \"127.0.0.1:8443\""),
        (
            instead("listen", "listen = '0.0.0.0:80'"),
            "listen: 0.0.0.0:80 is not a loopback address; set tls_cert and tls_key",
        ),
        (
            instead("listen", "listen = '[::]:80'"),
            "listen: [::]:80 is not a loopback address; set tls_cert and tls_key",
        ),
        (
            instead("listen", "listen = '192.0.2.1:80'"),
            "listen: 192.0.2.1:80 is not a loopback address; set tls_cert and tls_key",
        ),
        (
            instead("authority", "authority = 'https://r.example'"),
            "authority: not a name with a port if needed, such as \"relay.example\" or \"relay.example:8443\"",
        ),
        (
            instead("authority", "authority = 'r.example/x'"),
            "authority: not a name with a port if needed, such as \"relay.example\" or \"relay.example:8443\"",
        ),
        (
            instead("authority", "authority = ''"),
            "authority: not a name with a port if needed, such as \"relay.example\" or \"relay.example:8443\"",
        ),
        (with("tls_cert = 'c.pem'"), "tls_key: missing, it is needed with the other of tls_cert and tls_key"),
        (with("tls_key = 'k.pem'"), "tls_cert: missing, it is needed with the other of tls_cert and tls_key"),
        (with("requests_per_s = 0"), "requests_per_s: not a whole number of at least 1"),
        (with("requests_burst = 'many'"), "requests_burst: not a whole number of at least 1"),
        (with("unsigned_per_s = 1.5"), "unsigned_per_s: not a whole number of at least 1"),
        (with("unsigned_burst = -1"), "unsigned_burst: not a whole number of at least 1"),
        (with("bytes_per_hour = true"), "bytes_per_hour: not a whole number of at least 1"),
        (with("late_bytes_max = '7'"), "late_bytes_max: not a whole number of at least 1"),
        (with("database_bytes_max = 'x'"), "database_bytes_max: not a whole number of bytes, 0 for no limit"),
        (with("listn = '127.0.0.1:1'"), "listn: no such setting"),
        (with("[tls]"), "tls: no such setting"),
        (with("= 1"), "config file, line 4: not TOML"),
        (with("data = '/e'"), "config file, line 4: not TOML"),
    ] {
        assert_eq!(said(&text, &[]), expected, "{text}");
    }
    let missing = Config::load(Some("/none/relay.toml".as_ref()), std::iter::empty()).unwrap_err();
    assert_eq!(missing.to_string(), "config file /none/relay.toml: cannot be read");
}

#[test]
fn the_environment_goes_before_the_file_and_names_its_variable() {
    let given = [
        ("MEGURI_RELAY_AUTHORITY", "Other.Example:8443"),
        ("MEGURI_RELAY_LISTEN", "[::1]:9"),
        ("MEGURI_RELAY_REQUESTS_PER_S", "7"),
        ("MEGURI_RELAY_DATABASE_BYTES_MAX", "0"),
        ("PATH", "/bin"),
    ];
    let config = parse(GOOD, &given).unwrap();
    assert_eq!((config.listen.to_string(), config.requests_per_s), ("[::1]:9".into(), Some(7)));
    assert_eq!(config.settings().authority, "other.example:8443");
    assert_eq!(config.data, std::path::PathBuf::from("/d"), "from the file");
    // A name of digits stays a name.
    let digits = parse(GOOD, &[("MEGURI_RELAY_AUTHORITY", "10.0.0.1"), ("MEGURI_RELAY_DATA", "7")]).unwrap();
    assert_eq!((digits.authority.as_str(), digits.data.to_str()), ("10.0.0.1", Some("7")));
    for (name, value, expected) in [
        ("MEGURI_RELAY_LISTEN", "x", "not an address with a port, such as \"127.0.0.1:8443\""),
        ("MEGURI_RELAY_REQUESTS_BURST", "0", "not a whole number of at least 1"),
        ("MEGURI_RELAY_LATE_BYTES_MAX", "many", "not a whole number of at least 1"),
        ("MEGURI_RELAY_DATABASE_BYTES_MAX", "-1", "not a whole number of bytes, 0 for no limit"),
        ("MEGURI_RELAY_LISTN", "127.0.0.1:1", "no such setting"),
    ] {
        assert_eq!(said(GOOD, &[(name, value)]), format!("{name}: {expected}"));
    }
}

#[test]
fn a_certificate_lets_it_listen_everywhere() {
    let text = GOOD.replace("127.0.0.1:1", "0.0.0.0:443") + "tls_cert = 'c'\ntls_key = 'k'\n";
    assert!(parse(&text, &[]).is_ok());
}
