//! Private addresses, in every spelling.

use super::super::*;
use super::code;

#[test]
fn a_private_address_is_refused_in_every_spelling() {
    let hosts = [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "127.0.0.1.",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:0:127.0.0.1]",
        "[100::1]",
        "[3fff::1]",
        "[5f00::1]",
        "[2001:2::1]",
        "[2600::5efe:10.0.0.1]",
        "[2600::200:5efe:10.0.0.1]",
        "[4000::1]",
        "192.88.99.1",
        "printer.local",
        "nas.home.arpa",
        "wiki.internal.",
    ];
    for host in hosts {
        assert_eq!(code(&format!("http://{host}/")), "private_address", "{host}");
    }
}

#[test]
fn a_public_address_is_a_target() {
    for host in
        ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "localhost.example"]
    {
        assert_eq!(code(&format!("http://{host}/")), "ok", "{host}");
    }
}

#[test]
fn private_addresses_are_targets_where_the_operator_allows_them() {
    let rules = TargetRules { allow_private: true };
    assert!(rules.parse("http://127.0.0.1:8080/", &[]).is_ok());
    assert!(rules.parse("http://localhost/", &[]).is_ok());
}
