//! As much DER as is needed to make odd requests and to look into answers.

/// The contents of the first element, and what comes after it.
pub fn split(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, length) = header(der)?;
    let end = header.checked_add(length)?;
    Some((der.get(header..end)?, der.get(end..)?))
}

/// Octets of tag and length, and the length.
fn header(der: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*der.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let octets = der.get(2..2 + (first & 0x7f))?;
    let length = octets
        .iter()
        .fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    Some((2 + octets.len(), length))
}

/// Whether these octets are one whole element.
pub fn is_whole(der: &[u8]) -> bool {
    split(der).is_some_and(|(_, rest)| rest.is_empty())
}

/// An element.
pub fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let length = contents.len().to_be_bytes();
    let length = length
        .iter()
        .position(|octet| *octet != 0)
        .map_or(&length[7..], |at| &length[at..]);
    let mut der = vec![tag];
    if contents.len() >= 0x80 {
        der.push(0x80 | u8::try_from(length.len()).unwrap());
    }
    der.extend_from_slice(length);
    der.extend(contents);
    der
}

/// The DER of the first object in a PEM file.
pub fn from_pem(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"));
    let text: String = body.collect();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

/// Where one sequence of octets begins in another.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[test]
fn elements_come_apart_as_they_were_put_together() {
    for length in [0, 1, 127, 128, 255, 256, 70_000] {
        let contents = vec![7; length];
        let der = element(0x04, &[&contents]);
        assert_eq!(split(&der).unwrap().0, contents);
        assert!(is_whole(&der));
        assert!(!is_whole(&der[..der.len() - 1]));
    }
}
