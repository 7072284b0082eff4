//! Answers with a nonce: each is signed for one client.

use std::sync::Arc;

use anyhow::Context as _;
use blackbox_tests::Daemon;
use bytes::Bytes;
use hyper::Request;
use ocsp::{CertIdHash, Query};

use super::{CONNECTIONS, Scale, Scene, TURNS, is_signed, post};
use crate::{
    connection::Body,
    figure::{Figure, Latency, Target},
    load::Requests,
};

/// A request with room for a nonce, so that asking costs next to nothing.
struct Fresh {
    der: Vec<u8>,
    /// Where the number goes that makes each nonce another one.
    number: usize,
}

impl Requests for Fresh {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let mut der = self.der.clone();
        let octets = number.to_be_bytes();
        der.get_mut(self.number..self.number + octets.len())?
            .copy_from_slice(&octets);
        post(der.into())
    }

    fn is_good(&self, status: u16, body: &Bytes) -> bool {
        is_signed(status, body)
    }
}

pub(super) fn measure(scene: &Scene<'_>, scale: Scale) -> anyhow::Result<Figure> {
    let setting = scene.setting;
    let requests = Arc::new(fresh(scene)?);
    let daemon = setting.process(Daemon::Ocsp)?;
    let (mut rates, mut floors) = (Vec::new(), vec![setting.token_rate()?]);
    for _ in 1..TURNS {
        rates.push(scene.drive(&requests, scale.load / TURNS)?.rate());
        floors.push(setting.token_rate()?);
    }
    let before = daemon.cpu()?;
    let last = scene.drive(&requests, scale.load / TURNS)?;
    rates.push(last.rate());
    let best = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
    let mut figure = Figure::new(
        format!("ocsp-nonce-{}", setting.name()),
        format!("OCSP answers with a nonce over {CONNECTIONS} connections"),
        best(&rates),
        "1/s",
    )
    .against(
        format!(
            "raw signatures of the token, {} sessions",
            setting.token_floor().1
        ),
        best(&floors),
    )
    .target(Target::RatioAtLeast(0.60));
    figure.latency = Some(Latency::of(&last.times));
    figure.cost = Some(daemon.cost(before, last.answers)?);
    Ok(figure)
}

fn fresh(scene: &Scene<'_>) -> anyhow::Result<Fresh> {
    let (certificate, issuer) = (&scene.certificate, &scene.issuer);
    let query = Query::about(certificate, issuer, CertIdHash::Sha1, Some(&NONCE))?;
    let der = query.der().to_vec();
    let mut windows = der.windows(NONCE.len());
    let at = windows.position(|window| window == NONCE);
    let at = at.context("no nonce in the request")?;
    Ok(Fresh {
        der,
        number: at + NONCE.len() - size_of::<usize>(),
    })
}

/// Its end is replaced by a number.
const NONCE: [u8; 16] = [0x5a; 16];
