//! The object store: objects under the paths of their URLs, replaced by conditional puts.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use hyper::Uri;
use object_store::{
    Attribute, Attributes, Certificate, ClientOptions, Error, GetOptions, ObjectStore,
    ObjectStoreExt as _, PutMode, PutOptions, RetryConfig, UpdateVersion,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use serde::Deserialize;

use super::{
    Content, OutputError, Replaceable, Replaced, check_path, credentials::CredentialFiles,
};

/// A bucket of an S3-compatible object store. It must honour If-Match and If-None-Match on PUT.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketConfig {
    /// `https://host[:port]` of the store; the bucket is the first part of the path.
    pub endpoint: String,
    /// The bucket; it must be there.
    pub bucket: String,
    /// What stands before `crl/`, `ca/` and `cps/` in the names of objects; optional.
    #[serde(default)]
    pub prefix: String,
    /// The region that requests are signed for; default `us-east-1`.
    #[serde(default = "first_region")]
    pub region: String,
    /// File with the access key ID.
    pub access_key_id_file: PathBuf,
    /// File with the secret access key. Both files are read again for each request.
    pub secret_access_key_file: PathBuf,
    /// PEM with the CAs of the store's certificate; optional, the system's if not given.
    #[serde(default)]
    pub roots: Option<PathBuf>,
    /// Lets the endpoint be `http://` on this machine's loopback interface; default false.
    #[serde(default)]
    pub allow_http: bool,
}

/// Why the object store cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The credentials cannot be read.
    #[error("the credentials cannot be read")]
    Credentials(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The roots cannot be read.
    #[error("{path} cannot be read")]
    Roots {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The client cannot be made.
    #[error("the client cannot be made")]
    Client(#[from] Error),
}

/// The bucket.
#[derive(Debug)]
pub struct Bucket {
    store: AmazonS3,
    prefix: String,
    /// What this process put there last, by path: it need not be read before it is replaced.
    put: Mutex<HashMap<String, Put>>,
}

#[derive(Debug, Clone)]
struct Put {
    e_tag: String,
    body: Bytes,
}

/// What stands there, as far as the next put depends on it.
enum Standing {
    Content,
    Newer,
    Replaceable(PutMode),
}

impl BucketConfig {
    /// All that is wrong with the values, each with its key path below `key`.
    pub fn faults(&self, key: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |wrong: bool, name: &str, must: &str| {
            if wrong {
                faults.push(format!("{key}.{name}: {must}"));
            }
        };
        let endpoint = self.endpoint.parse::<Uri>().unwrap_or_default();
        let (scheme, host) = (endpoint.scheme_str(), endpoint.host().unwrap_or_default());
        let plain = scheme == Some("http") && self.allow_http && is_loopback(host);
        fault(
            host.is_empty() || !(scheme == Some("https") || plain),
            "endpoint",
            "must begin with https:// (http:// on loopback with allow_http = true)",
        );
        fault(
            self.bucket.contains('/') || check_path(&self.bucket).is_err(),
            "bucket",
            "must be the name of a bucket",
        );
        fault(
            !self.prefix.is_empty() && check_path(&self.prefix).is_err(),
            "prefix",
            "must be plain names with / between them",
        );
        fault(self.region.is_empty(), "region", "must not be empty");
        let files = [
            ("access_key_id_file", Some(&self.access_key_id_file)),
            ("secret_access_key_file", Some(&self.secret_access_key_file)),
            ("roots", self.roots.as_ref()),
        ];
        for (name, file) in files {
            let relative = file.is_some_and(|file| !file.is_absolute());
            fault(relative, name, "must be an absolute path");
        }
        faults
    }
}

impl Bucket {
    /// Reads the credentials; connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with the place or its credentials.
    pub fn open(config: &BucketConfig) -> Result<Self, BucketError> {
        // The client asks for the process's default; fails only where there is one already.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let credentials = CredentialFiles::open(
            config.access_key_id_file.clone(),
            config.secret_access_key_file.clone(),
        )
        .map_err(|error| BucketError::Credentials(Box::new(error)))?;
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: Duration::from_secs(30),
            ..RetryConfig::default()
        };
        let store = AmazonS3Builder::new()
            .with_endpoint(&config.endpoint)
            .with_allow_http(config.allow_http)
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_credentials(Arc::new(credentials))
            .with_retry(retry)
            .with_client_options(client_options(config)?)
            .build()?;
        Ok(Self {
            store,
            prefix: config.prefix.clone(),
            put: Mutex::default(),
        })
    }

    pub(super) async fn read(&self, path: &str) -> Result<Option<Bytes>, OutputError> {
        let found = self.get(path).await?;
        Ok(found.map(|(body, _)| body))
    }

    pub(super) async fn replace(
        &self,
        path: &str,
        content: &Content,
        replaceable: Replaceable<'_>,
    ) -> Result<Replaced, OutputError> {
        for _ in 0..ATTEMPTS {
            let mode = match self.standing(path, content, replaceable).await? {
                Standing::Content => return Ok(Replaced::Stands),
                Standing::Newer => return Ok(Replaced::Kept),
                Standing::Replaceable(mode) => mode,
            };
            if self.put(path, content, mode).await? {
                return Ok(Replaced::Stands);
            }
        }
        Err(OutputError::Contended {
            path: path.to_owned(),
        })
    }

    /// What the next put has to hold for: an object that this process knows is not read again.
    async fn standing(
        &self,
        path: &str,
        content: &Content,
        replaceable: Replaceable<'_>,
    ) -> Result<Standing, OutputError> {
        let Some(e_tag) = self.e_tag(path).await? else {
            return Ok(Standing::Replaceable(PutMode::Create));
        };
        let known = self.known(path).filter(|put| put.e_tag == e_tag);
        let (body, e_tag) = match known {
            Some(put) => (put.body, Some(put.e_tag)),
            None => match self.get(path).await? {
                Some(found) => found,
                None => return Ok(Standing::Replaceable(PutMode::Create)),
            },
        };
        if body == content.body {
            return Ok(Standing::Content);
        }
        if !replaceable.allows(&body) {
            return Ok(Standing::Newer);
        }
        let version = UpdateVersion {
            e_tag,
            version: None,
        };
        Ok(Standing::Replaceable(PutMode::Update(version)))
    }

    /// Puts the object if what `mode` says still holds; `false` if it does not.
    async fn put(&self, path: &str, content: &Content, mode: PutMode) -> Result<bool, OutputError> {
        let max_age = content.max_age.as_secs();
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, content.media_type.to_owned()),
            (
                Attribute::CacheControl,
                format!("public, max-age={max_age}, no-transform"),
            ),
        ]);
        let options = PutOptions {
            mode,
            attributes,
            ..PutOptions::default()
        };
        let (location, body) = (self.path(path)?, content.body.clone());
        let put = self.store.put_opts(&location, body.into(), options);
        match put.await {
            Ok(result) => {
                self.remember(path, result.e_tag, &content.body);
                Ok(true)
            }
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(source) => Err(failed(path, source)),
        }
    }

    async fn e_tag(&self, path: &str) -> Result<Option<String>, OutputError> {
        match self.store.head(&self.path(path)?).await {
            Ok(meta) => Ok(Some(meta.e_tag.unwrap_or_default())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed(path, source)),
        }
    }

    async fn get(&self, path: &str) -> Result<Option<(Bytes, Option<String>)>, OutputError> {
        let options = GetOptions::default();
        let found = match self.store.get_opts(&self.path(path)?, options).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(failed(path, source)),
        };
        let e_tag = found.meta.e_tag.clone();
        let body = found.bytes().await.map_err(|error| failed(path, error))?;
        Ok(Some((body, e_tag)))
    }

    fn path(&self, path: &str) -> Result<Path, OutputError> {
        let full = match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        Path::parse(full).map_err(|error| failed(path, error.into()))
    }

    fn known(&self, path: &str) -> Option<Put> {
        let put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        put.get(path).cloned()
    }

    fn remember(&self, path: &str, e_tag: Option<String>, body: &Bytes) {
        let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(e_tag) = e_tag {
            let body = body.clone();
            put.insert(path.to_owned(), Put { e_tag, body });
        }
    }
}

fn client_options(config: &BucketConfig) -> Result<ClientOptions, BucketError> {
    let mut options = ClientOptions::new()
        .with_allow_http(config.allow_http)
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(Duration::from_mins(2));
    if let Some(path) = &config.roots {
        let pem = std::fs::read(path).map_err(|source| BucketError::Roots {
            path: path.clone(),
            source,
        })?;
        options = options.with_no_system_certificates(true);
        for root in Certificate::from_pem_bundle(&pem)? {
            options = options.with_root_certificate(root);
        }
    }
    Ok(options)
}

fn failed(path: &str, source: Error) -> OutputError {
    OutputError::Store {
        path: path.to_owned(),
        source,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn first_region() -> String {
    "us-east-1".to_owned()
}

/// How often a put is tried whose condition no longer holds.
const ATTEMPTS: usize = 8;
