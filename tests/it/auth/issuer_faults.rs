//! The functions' responses while the issuer of tokens fails, and their recovery when the issuer works again.

use crate::support::{Answer, Call, KEY, TestApp, signed};
use local::functions::Functions;
use local::issuer::API_KEY;
use local::stack::engine_settings;
use serde_json::json;
use shared::model::Timestamp;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the issuer responds to a request for the key.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Answers,
    Throttles,
    Hangs,
    Resets,
    AnswersHalf,
    /// The response's head arrives at once, but the body never does.
    HangsInTheBody,
    /// The response arrives byte by byte, slowly and without end.
    Drips,
    SpeaksNoHttp,
}

struct FaultyIssuer {
    url: String,
    manner: Arc<Mutex<Manner>>,
}

impl FaultyIssuer {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(manner));
        let shared = Arc::clone(&manner);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, *shared.lock().unwrap()));
            }
        });
        Self { url, manner }
    }

    fn functions(&self, app: &TestApp) -> Functions {
        let auth = [("AUTH_ISSUER", self.url.as_str()), ("AUTH_API_KEY", API_KEY)];
        Functions::new(&engine_settings(&app.url).overridden_by(auth.into_iter().collect())).unwrap()
    }

    async fn ask(&self, functions: &Functions, seconds: i64) -> Answer {
        let token = signed("member", |claims| claims["iss"] = self.url.as_str().into());
        let call = Call::new("list").header("authorization", &format!("Bearer {token}"));
        let now = Timestamp::try_from(Timestamp::now().millis() + seconds * 1000).unwrap();
        call.send_to(functions, now).await
    }
}

async fn serve(mut stream: TcpStream, manner: Manner) {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).await.unwrap_or(0);
    if read == 0 {
        return;
    }
    let body = json!({ "verifier_key_pem": KEY.public_pem() }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = match manner {
        Manner::Answers => stream.write_all(format!("{head}{body}").as_bytes()).await,
        Manner::Throttles => {
            let refusal = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(refusal.as_bytes()).await
        }
        Manner::Hangs => std::future::pending().await,
        Manner::Resets => Ok(()),
        Manner::AnswersHalf => {
            stream.write_all(format!("{head}{}", &body[..body.len() / 2]).as_bytes()).await
        }
        Manner::HangsInTheBody => {
            let _ = stream.write_all(head.as_bytes()).await;
            std::future::pending().await
        }
        Manner::Drips => {
            let _ = stream.write_all(head.as_bytes()).await;
            loop {
                if stream.write_all(b" ").await.is_err() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        Manner::SpeaksNoHttp => stream.write_all(b"220 mail.example ESMTP\r\n").await,
    };
}

const FAULTS: [Manner; 7] = [
    Manner::Throttles,
    Manner::Hangs,
    Manner::Resets,
    Manner::AnswersHalf,
    Manner::HangsInTheBody,
    Manner::Drips,
    Manner::SpeaksNoHttp,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_issuer_is_503_in_time_and_recovers_without_a_restart() {
    let app = Arc::new(TestApp::start().await);
    let runs = FAULTS.map(|manner| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let issuer = FaultyIssuer::start(manner).await;
            let functions = issuer.functions(&app);
            let answer = issuer.ask(&functions, 0).await;
            assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1", "{manner:?}");
            *issuer.manner.lock().unwrap() = Manner::Answers;
            let healed = issuer.ask(&functions, 10).await;
            assert_eq!(healed.status, 200, "{manner:?}: {}", healed.text);
        })
    });
    for run in runs {
        run.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_fails_after_its_key_was_fetched_affects_no_caller() {
    let app = TestApp::start().await;
    for manner in FAULTS {
        let issuer = FaultyIssuer::start(Manner::Answers).await;
        let functions = issuer.functions(&app);
        assert_eq!(issuer.ask(&functions, 0).await.status, 200);
        *issuer.manner.lock().unwrap() = manner;
        assert_eq!(issuer.ask(&functions, 600).await.status, 200, "{manner:?}");
    }
}
