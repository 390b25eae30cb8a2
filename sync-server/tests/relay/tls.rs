//! TLS with a certificate of our own making: a real handshake with the real binary.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;

use meguri_wire::api::Info;
use meguri_wire::cbor::Cbor;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::process::*;
use crate::region::*;

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..128 => out.push(length as u8),
        128..256 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(content);
    out
}

fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PRIME256V1: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 19];
const ALT_NAMES: &[u8] = &[0x06, 3, 0x55, 0x1d, 17];

struct Key {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

fn key() -> Key {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap().as_ref().to_vec();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &random).unwrap();
    Key { pair, pkcs8 }
}

/// An X.509 v3 certificate (RFC 5280) for 2020 to 2049.
fn certificate(issuer: &str, by: &Key, subject: &str, of: &Key, names: Option<&[&str]>) -> Vec<u8> {
    let named = |name: &str| {
        let value = tlv(0x0c, name.as_bytes());
        seq(&[tlv(0x31, &seq(&[COMMON_NAME.to_vec(), value]))])
    };
    let algorithm = seq(&[ECDSA_WITH_SHA256.to_vec()]);
    let bits = |bytes: &[u8]| tlv(0x03, &[&[0], bytes].concat());
    let extension = match names {
        None => seq(&[BASIC_CONSTRAINTS.to_vec(), tlv(1, &[0xff]), tlv(4, &seq(&[tlv(1, &[0xff])]))]),
        Some(names) => {
            let names: Vec<Vec<u8>> = names.iter().map(|name| tlv(0x82, name.as_bytes())).collect();
            seq(&[ALT_NAMES.to_vec(), tlv(4, &seq(&names))])
        }
    };
    let body = seq(&[
        tlv(0xa0, &tlv(2, &[2])),
        tlv(2, &[1]),
        algorithm.clone(),
        named(issuer),
        seq(&[tlv(0x17, b"200101000000Z"), tlv(0x17, b"491231235959Z")]),
        named(subject),
        seq(&[seq(&[EC_PUBLIC_KEY.to_vec(), PRIME256V1.to_vec()]), bits(of.pair.public_key().as_ref())]),
        tlv(0xa3, &seq(&[extension])),
    ]);
    let signature = by.pair.sign(&SystemRandom::new(), &body).unwrap();
    seq(&[body, algorithm, bits(signature.as_ref())])
}

fn pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: u32| char::from(DIGITS[(n & 63) as usize]);
    let mut text = String::new();
    for group in der.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let n = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.extend([digit(n >> 18), digit(n >> 12)]);
        text.push(if group.len() > 1 { digit(n >> 6) } else { '=' });
        text.push(if group.len() > 2 { digit(n) } else { '=' });
        if text.len() % 65 == 64 {
            text.push('\n');
        }
    }
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// `GET /v1/info` through TLS by a client that trusts `root` alone.
fn info(address: &str, root: &[u8], name: &str) -> std::io::Result<Info> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let client = ClientConnection::new(config, ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let port = address.rsplit(':').next().unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(format!("127.0.0.1:{port}"))?);
    let request = http::Request::get("/v1/info").body(bytes::Bytes::new()).unwrap();
    stream.write_all(head_of(&request, "close").as_bytes())?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    assert_eq!(stream.conn.alpn_protocol(), None, "none was offered");
    let (status, _, body) = parse_reply(&reply).expect("a whole reply");
    assert_eq!(status, 200);
    Ok(Info::from_bytes(&body).unwrap())
}

#[test]
fn a_certificate_is_served_on_every_address_and_plain_http_is_not() {
    let folder = make_folder();
    let (ca, leaf, other) = (key(), key(), key());
    let root = certificate("Test root", &ca, "Test root", &ca, None);
    let served = certificate("Test root", &ca, "relay", &leaf, Some(&["relay.example"]));
    let stranger = certificate("Test root", &other, "Test root", &other, None);
    let (cert, private) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, pem("CERTIFICATE", &served)).unwrap();
    std::fs::write(&private, pem("PRIVATE KEY", &leaf.pkcs8)).unwrap();
    let tls = [
        ("MEGURI_RELAY_LISTEN", "0.0.0.0:0"),
        ("MEGURI_RELAY_TLS_CERT", cert.to_str().unwrap()),
        ("MEGURI_RELAY_TLS_KEY", private.to_str().unwrap()),
    ];
    let mut running = serve_with(folder.path(), &tls, Stdio::null());
    assert_eq!(info(&running.address, &root, "relay.example").unwrap().authority, AUTHORITY);
    assert!(info(&running.address, &stranger, "relay.example").is_err(), "another root");
    assert!(info(&running.address, &root, "other.example").is_err(), "another name");
    let request = http::Request::get("/v1/info").body(bytes::Bytes::new()).unwrap();
    let local = running.address.replace("0.0.0.0", "127.0.0.1");
    assert!(exchange(&local, &request).is_none(), "plain HTTP is not answered");
    assert_eq!(info(&running.address, &root, "relay.example").unwrap().authority, AUTHORITY, "and does no harm");
    assert!(running.stop());
}

#[test]
fn the_binary_says_why_it_does_not_serve() {
    let folder = make_folder();
    let (nothing, rubbish) = (folder.path().join("none.pem"), folder.path().join("rubbish.pem"));
    std::fs::write(&rubbish, "rubbish").unwrap();
    let (key, other) = (key(), key());
    let other_key = folder.path().join("other.pem");
    std::fs::write(&other_key, pem("PRIVATE KEY", &other.pkcs8)).unwrap();
    let (good_key, good_cert) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    std::fs::write(&good_key, pem("PRIVATE KEY", &key.pkcs8)).unwrap();
    std::fs::write(&good_cert, pem("CERTIFICATE", &certificate("a", &key, "a", &key, None))).unwrap();
    let data = folder.path().to_str().unwrap();
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    for (changes, expected) in [
        (
            vec![("LISTEN", "0.0.0.0:0".to_owned())],
            "listen: 0.0.0.0:0 is not a loopback address; set tls_cert and tls_key",
        ),
        (vec![("TLS_CERT", path(&nothing)), ("TLS_KEY", path(&good_key))], "tls_cert: no usable PEM"),
        (vec![("TLS_CERT", path(&rubbish)), ("TLS_KEY", path(&good_key))], "tls_cert: no usable PEM"),
        (vec![("TLS_CERT", path(&good_cert)), ("TLS_KEY", path(&rubbish))], "tls_key: no usable PEM"),
        (vec![("TLS_CERT", path(&good_cert)), ("TLS_KEY", path(&other_key))], "tls_key: not the key of tls_cert"),
        (vec![("TLS_CERT", path(&good_cert))], "tls_key: missing, it is needed with the other of tls_cert and tls_key"),
        (vec![("DATA", path(&nothing))], "data: no relay there, or not readable"),
    ] {
        let mut command = Command::new(BINARY);
        command.arg("serve").env("MEGURI_RELAY_DATA", data).env("MEGURI_RELAY_LISTEN", "127.0.0.1:0");
        command.env("MEGURI_RELAY_AUTHORITY", AUTHORITY).env("MEGURI_RELAY_LOG", "off");
        for (key, value) in &changes {
            command.env(format!("MEGURI_RELAY_{key}"), value);
        }
        let output = command.output().unwrap();
        assert!(!output.status.success(), "{expected}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("meguri-relay: {expected}\n"));
    }
}
