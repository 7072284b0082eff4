//! Waits are bounded, and so are answers.

use std::{collections::BTreeMap, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// Answers each connection with these octets once a request came, then waits or closes.
async fn server(answer: &'static str, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _read = stream.read(&mut request).await;
                let _written = stream.write_all(answer.as_bytes()).await;
                if !closes {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    url
}

fn client() -> HttpClient {
    HttpClient::new(BTreeMap::new(), Duration::from_millis(300))
}

async fn code(url: &str) -> &'static str {
    let ask = Ask {
        url,
        post: None,
        max_bytes: 10,
    };
    client().ask(&ask).await.unwrap_err().code()
}

#[tokio::test]
async fn silence_ends_with_the_time() {
    assert_eq!(code(&server("", false).await).await, "timed-out");
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab";
    assert_eq!(code(&server(half, false).await).await, "timed-out");
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab";
    assert_eq!(code(&server(half, true).await).await, "answer-broken-off");
    assert_eq!(
        code(&server("hello\r\n\r\n", true).await).await,
        "answer-broken-off"
    );
}

#[tokio::test]
async fn long_answers_are_not_read() {
    let long = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nabcdefghijk";
    assert_eq!(code(&server(long, false).await).await, "answer-too-large");
}

#[tokio::test]
async fn only_http_urls_are_asked() {
    for url in ["https://example.com/", "ldap://example.com/", "/x", "x y"] {
        assert_eq!(code(url).await, "url-unusable", "{url}");
    }
}

/// A server that closes after each answer, as it may.
#[tokio::test]
async fn a_connection_that_was_closed_is_opened_again() {
    let url = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", true).await;
    let mut client = client();
    let ask = Ask {
        url: &url,
        post: None,
        max_bytes: 10,
    };
    for _ in 0..3 {
        assert_eq!(&client.ask(&ask).await.unwrap().body[..], b"ok");
    }
}
