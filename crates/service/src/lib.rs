//! What every daemon needs: configuration, logs, metrics, lifecycle, TLS, health.
