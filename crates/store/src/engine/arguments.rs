//! Values as the drivers take them.

use sqlx::{Arguments as _, error::BoxDynError, postgres::PgArguments, sqlite::SqliteArguments};

use super::{Value, value::Raw};

/// The values of a statement for SQLite.
pub(super) fn for_sqlite(values: Vec<Value>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        let added = match value {
            Value::Integer(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Octets(value) => arguments.add(value),
            Value::Flag(value) => arguments.add(value),
            Value::Column(_) => Err("SQLite has no arrays".into()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The values of a statement for PostgreSQL.
pub(super) fn for_postgres(values: Vec<Value>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Integer(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Octets(value) => arguments.add(value),
            Value::Flag(value) => arguments.add(value),
            Value::Column(values) => add_array(&mut arguments, values),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The first value says of which type the array is.
fn add_array(arguments: &mut PgArguments, values: Vec<Value>) -> Result<(), BoxDynError> {
    match values.first() {
        Some(Value::Integer(_)) => arguments.add(all::<i64>(values)?),
        Some(Value::Text(_)) => arguments.add(all::<String>(values)?),
        Some(Value::Octets(_)) => arguments.add(all::<Vec<u8>>(values)?),
        Some(Value::Flag(_)) => arguments.add(all::<bool>(values)?),
        Some(Value::Column(_)) | None => Err("an array of no known type".into()),
    }
}

fn all<T: Raw>(values: Vec<Value>) -> Result<Vec<Option<T>>, BoxDynError> {
    let all: Result<_, _> = values.into_iter().map(T::from_value).collect();
    all.map_err(|_| "an array of several types".into())
}
