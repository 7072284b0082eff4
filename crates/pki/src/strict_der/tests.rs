//! Cases for the walk.

use hex::decode;
use proptest::prelude::*;

use super::{Fault, check};

fn fault(hex: &str) -> Option<Fault> {
    check(&decode(hex).unwrap()).err()
}

#[test]
fn accepts_the_one_encoding() {
    let cases = [
        ("boolean", "0101ff"),
        ("integer with a needed zero", "02020080"),
        ("negative integer", "0202ff7f"),
        ("empty sequence", "3000"),
        ("bit string with unused bits", "03020780"),
        ("object identifier", "06032a8648"),
        ("set in order", "3106020101020102"),
        ("primitive context tag", "800102"),
        ("utf-8", "0c03e4b8ad"),
        ("utc time", "170d3236313132323030303030305a"),
        ("length over 127", &format!("048180{}", "00".repeat(128))),
    ];
    for (name, hex) in cases {
        assert_eq!(fault(hex), None, "{name}");
    }
}

#[test]
fn refuses_every_other_encoding() {
    let cases = [
        ("nothing", ""),
        ("indefinite length", "30800000"),
        ("long form of a short length", "308100"),
        (
            "padded long length",
            &format!("04820080{}", "00".repeat(128)),
        ),
        ("length past the end", "3003020101ff"[..8].into()),
        ("true that is not ff", "010101"),
        ("padded integer", "02020001"),
        ("padded negative integer", "0202ff80"),
        ("empty integer", "0200"),
        ("unused bits that are set", "03020701"),
        ("too many unused bits", "03020880"),
        ("no count of unused bits", "0300"),
        ("constructed octet string", "2403040100"),
        ("null with contents", "050100"),
        ("padded arc", "06032a8001"),
        ("arc without end", "06022a86"),
        ("set out of order", "3106020102020101"),
        ("broken utf-8", "0c02e4b8"),
        ("printable string with an asterisk", "13012a"),
        ("time without seconds", "170b323631313232303030305a"),
        ("time with an offset", "1711323631313232303030303030"),
        ("long tag", "1f1f00"),
        ("fault inside", "3003010101"),
    ];
    for (name, hex) in cases {
        assert_eq!(fault(hex), Some(Fault::NotDer), "{name}");
    }
}

#[test]
fn tells_octets_that_follow_from_broken_ones() {
    assert_eq!(fault("300000"), Some(Fault::Trailing));
}

#[test]
fn refuses_a_tower_of_sequences() {
    let tower = (0..60).fold(String::new(), |inner, _| {
        format!("30{:02x}{inner}", inner.len() / 2)
    });
    assert_eq!(fault(&tower), Some(Fault::NotDer));
}

proptest! {
    #[test]
    fn never_panics_and_gives_back_the_whole(octets in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(element) = check(&octets) {
            prop_assert_eq!(element.whole, &octets[..]);
        }
    }
}
