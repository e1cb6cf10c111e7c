//! From protobuf straight to [`Export`], for the requests that nearly all senders send.
//!
//! The generated types allocate each list and each message on the way to the same result, which is a good part of
//! what a record costs. This reads log records, sums and gauges in one go. Whatever else there is, valid or not, is
//! [`Unusual`] and left to the generated decoder, which alone decides what is refused. Field numbers and wire types
//! are those of the published `opentelemetry/proto` definitions, which never change.

use super::export::{Export, Group, LogRecord, MetricKind, MetricPoint, Signal};
use super::protobuf::{NO_RECORDED_VALUE, is_cumulative};
use super::value::{Attributes, Value};

/// Something that the generated decoder has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

type Read<T> = Result<T, Unusual>;

/// Values may nest this deep here. Senders nest once, if at all.
const MAX_DEPTH: usize = 8;

/// Reads a request.
pub(super) fn export(signal: Signal, request: &[u8]) -> Read<Export> {
    match signal {
        Signal::Logs => {
            let push = |record: &[u8], records: &mut Vec<_>| {
                records.push(log_record(record)?);
                Ok(())
            };
            Ok(Export::Logs(groups(request, push)?))
        }
        Signal::Metrics => Ok(Export::Metrics(groups(request, points)?)),
        Signal::Traces => Err(Unusual),
    }
}

/// The value of a field.
#[derive(Clone, Copy)]
enum Wire<'a> {
    Varint(u64),
    Eight(u64),
    Four,
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order of the bytes, with their numbers.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Read<u64> {
        let mut value = 0;
        for (place, byte) in self.0.iter().take(9).enumerate() {
            value |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Ok(value);
            }
        }
        // With ten bytes it is a negative number, which is read with care.
        let (bytes, rest) = self.0.split_at_checked(10).ok_or(Unusual)?;
        self.0 = rest;
        if bytes[9] == 1 { Ok(value | 1 << 63) } else { Err(Unusual) }
    }

    fn bytes(&mut self, length: u64) -> Read<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| Unusual)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unusual)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn field(&mut self) -> Read<(u64, Wire<'a>)> {
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => {
                let (eight, rest) = self.0.split_first_chunk().ok_or(Unusual)?;
                self.0 = rest;
                Wire::Eight(u64::from_le_bytes(*eight))
            }
            2 => {
                let length = self.varint()?;
                Wire::Bytes(self.bytes(length)?)
            }
            5 => {
                self.bytes(4)?;
                Wire::Four
            }
            _ => return Err(Unusual),
        };
        if (1..1 << 29).contains(&(tag >> 3)) { Ok((tag >> 3, wire)) } else { Err(Unusual) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Read<(u64, Wire<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| self.field())
    }
}

/// Sets what may be there once.
fn once<T>(place: &mut Option<T>, value: T) -> Read<()> {
    if place.replace(value).is_some() { Err(Unusual) } else { Ok(()) }
}

fn text(bytes: &[u8]) -> Read<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Unusual)
}

/// A text that nothing here reads.
fn pass(bytes: &[u8]) -> Read<()> {
    std::str::from_utf8(bytes).map(drop).map_err(|_| Unusual)
}

/// The three signals' requests are alike down to their items.
fn groups<T>(request: &[u8], push: impl Fn(&[u8], &mut Vec<T>) -> Read<()>) -> Read<Vec<Group<T>>> {
    let mut groups = Vec::new();
    for field in Fields(request) {
        match field? {
            (1, Wire::Bytes(of_resource)) => groups_of_resource(of_resource, &push, &mut groups)?,
            (1, _) => return Err(Unusual),
            _ => {}
        }
    }
    Ok(groups)
}

/// One group per scope; the resource's attributes are copied for all but the last.
fn groups_of_resource<T>(
    message: &[u8],
    push: &impl Fn(&[u8], &mut Vec<T>) -> Read<()>,
    groups: &mut Vec<Group<T>>,
) -> Read<()> {
    let (mut resource, mut scopes) = (None, Vec::with_capacity(1));
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(message)) => once(&mut resource, attributes_of_resource(message)?)?,
            (2, Wire::Bytes(message)) => scopes.push(message),
            (3, Wire::Bytes(schema)) => pass(schema)?,
            (1..=3, _) => return Err(Unusual),
            _ => {}
        }
    }
    let mut shared = resource.unwrap_or_default();
    let last = scopes.len().saturating_sub(1);
    for (index, message) in scopes.into_iter().enumerate() {
        let resource = if index == last { std::mem::take(&mut shared) } else { shared.clone() };
        groups.push(group_of_scope(message, resource, push)?);
    }
    Ok(())
}

fn group_of_scope<T>(
    message: &[u8],
    resource: Attributes,
    push: &impl Fn(&[u8], &mut Vec<T>) -> Read<()>,
) -> Read<Group<T>> {
    let mut scope = None;
    let mut items = Vec::with_capacity(count(message, 2));
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(message)) => once(&mut scope, name_and_version(message)?)?,
            (2, Wire::Bytes(item)) => push(item, &mut items)?,
            (3, Wire::Bytes(schema)) => pass(schema)?,
            (1..=3, _) => return Err(Unusual),
            _ => {}
        }
    }
    let (scope, scope_version) = scope.unwrap_or_default();
    Ok(Group { resource, scope, scope_version, items })
}

/// How often a message is in a message, so that a list of them need not grow.
fn count(message: &[u8], number: u64) -> usize {
    let is_one = |field: &Read<(u64, Wire<'_>)>| matches!(field, Ok((found, _)) if *found == number);
    Fields(message).take_while(Result::is_ok).filter(is_one).count()
}

fn attributes_of_resource(message: &[u8]) -> Read<Attributes> {
    let mut attributes = Vec::with_capacity(count(message, 1));
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(entry)) => attributes.push(key_value(entry, MAX_DEPTH)?),
            (2, Wire::Varint(_)) => {}
            (1..=3, _) => return Err(Unusual),
            _ => {}
        }
    }
    Ok(Attributes(attributes))
}

fn name_and_version(message: &[u8]) -> Read<(String, String)> {
    let (mut name, mut version) = (String::new(), String::new());
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(bytes)) => name = text(bytes)?,
            (2, Wire::Bytes(bytes)) => version = text(bytes)?,
            (4, Wire::Varint(_)) => {}
            (1..=4, _) => return Err(Unusual),
            _ => {}
        }
    }
    Ok((name, version))
}

fn key_value(message: &[u8], depth: usize) -> Read<(String, Value)> {
    let (mut key, mut found) = (String::new(), None);
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(bytes)) => key = text(bytes)?,
            (2, Wire::Bytes(message)) => once(&mut found, value(message, depth)?)?,
            (1..=3, _) => return Err(Unusual),
            _ => {}
        }
    }
    Ok((key, found.unwrap_or_default()))
}

fn value(message: &[u8], depth: usize) -> Read<Value> {
    let depth = depth.checked_sub(1).ok_or(Unusual)?;
    let mut found = None;
    for field in Fields(message) {
        let value = match field? {
            (1, Wire::Bytes(bytes)) => Value::Text(text(bytes)?),
            (2, Wire::Varint(value)) => Value::Bool(value != 0),
            (3, Wire::Varint(value)) => Value::Int(value as i64),
            (4, Wire::Eight(bits)) => Value::Double(f64::from_bits(bits)),
            (5, Wire::Bytes(message)) => Value::List(list(message, |value| self::value(value, depth))?),
            (6, Wire::Bytes(message)) => Value::Map(list(message, |entry| key_value(entry, depth))?),
            (7, Wire::Bytes(bytes)) => Value::Bytes(bytes.to_vec()),
            (1..=8, _) => return Err(Unusual),
            _ => continue,
        };
        once(&mut found, value)?;
    }
    Ok(found.unwrap_or_default())
}

fn list<T>(message: &[u8], read: impl Fn(&[u8]) -> Read<T>) -> Read<Vec<T>> {
    let items = Fields(message).map(|field| match field? {
        (1, Wire::Bytes(item)) => read(item).map(Some),
        (1, _) => Err(Unusual),
        _ => Ok(None),
    });
    items.filter_map(Result::transpose).collect()
}

fn log_record(message: &[u8]) -> Read<LogRecord> {
    let (mut record, mut body) = (LogRecord::default(), None);
    record.attributes.0.reserve_exact(count(message, 6));
    for field in Fields(message) {
        match field? {
            (1, Wire::Eight(nanos)) => record.time_unix_nanos = nanos,
            (11, Wire::Eight(nanos)) => record.observed_unix_nanos = nanos,
            (12, Wire::Bytes(bytes)) => record.event_name = text(bytes)?,
            (5, Wire::Bytes(message)) => once(&mut body, value(message, MAX_DEPTH)?)?,
            (6, Wire::Bytes(entry)) => record.attributes.0.push(key_value(entry, MAX_DEPTH)?),
            (9, Wire::Bytes(id)) => record.trace_id = id.to_vec(),
            (10, Wire::Bytes(id)) => record.span_id = id.to_vec(),
            (3, Wire::Bytes(severity)) => pass(severity)?,
            (2 | 7, Wire::Varint(_)) | (8, Wire::Four) => {}
            (1..=12, _) => return Err(Unusual),
            _ => {}
        }
    }
    record.body = body.unwrap_or_default();
    Ok(record)
}

/// The points of a metric.
fn points(message: &[u8], points: &mut Vec<MetricPoint>) -> Read<()> {
    let (mut name, mut unit, mut data) = (String::new(), String::new(), None);
    for field in Fields(message) {
        match field? {
            (1, Wire::Bytes(bytes)) => name = text(bytes)?,
            (2, Wire::Bytes(description)) => pass(description)?,
            (3, Wire::Bytes(bytes)) => unit = text(bytes)?,
            (number @ (5 | 7), Wire::Bytes(message)) => once(&mut data, (number, message))?,
            (1..=12, _) => return Err(Unusual),
            _ => {}
        }
    }
    let Some((number, message)) = data else { return Ok(()) };
    let (mut temporality, mut monotonic) = (0, false);
    let first = points.len();
    for field in Fields(message) {
        match (number, field?) {
            (_, (1, Wire::Bytes(data))) => points.push(point(data, &name, &unit)?),
            (7, (2, Wire::Varint(value))) => temporality = value as i32,
            (7, (3, Wire::Varint(value))) => monotonic = value != 0,
            (7, (1..=3, _)) | (_, (1, _)) => return Err(Unusual),
            _ => {}
        }
    }
    if number == 7 {
        let kind = MetricKind::Sum { monotonic, cumulative: is_cumulative(temporality) };
        points[first..].iter_mut().for_each(|point| point.kind = kind);
    }
    Ok(())
}

/// A point of a gauge.
fn point(message: &[u8], name: &str, unit: &str) -> Read<MetricPoint> {
    let mut point = MetricPoint {
        metric: name.to_owned(),
        unit: unit.to_owned(),
        kind: MetricKind::Gauge,
        ..MetricPoint::default()
    };
    point.attributes.0.reserve_exact(count(message, 7));
    let mut flags = 0;
    for field in Fields(message) {
        match field? {
            (2, Wire::Eight(nanos)) => point.start_unix_nanos = nanos,
            (3, Wire::Eight(nanos)) => point.time_unix_nanos = nanos,
            (4, Wire::Eight(bits)) => point.value = Some(f64::from_bits(bits)),
            (6, Wire::Eight(whole)) => point.value = Some(whole as i64 as f64),
            (7, Wire::Bytes(entry)) => point.attributes.0.push(key_value(entry, MAX_DEPTH)?),
            (8, Wire::Varint(value)) => flags = value as u32,
            (1..=8, _) => return Err(Unusual),
            _ => {}
        }
    }
    if flags & NO_RECORDED_VALUE != 0 {
        point.value = None;
    }
    Ok(point)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::otlp::encode;
    use crate::otlp::protobuf::decode_strictly;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Empty),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-1e9..1e9).prop_map(Value::Double),
            ".{0,12}".prop_map(Value::Text),
            vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::List),
                vec(("[a-z]{0,4}", inner), 0..3).prop_map(Value::Map),
            ]
        })
    }

    fn attributes() -> impl Strategy<Value = Attributes> {
        vec(("[a-z.]{0,9}", values()), 0..5).prop_map(Attributes)
    }

    fn groups_of<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Group<T>>> {
        let group = (attributes(), ".{0,5}", ".{0,3}", vec(item, 0..4)).prop_map(
            |(resource, scope, scope_version, items)| Group { resource, scope, scope_version, items },
        );
        vec(group, 0..4)
    }

    fn log_records() -> impl Strategy<Value = LogRecord> {
        let ids = (vec(any::<u8>(), 16), vec(any::<u8>(), 8));
        (any::<u64>(), any::<u64>(), ".{0,8}", values(), attributes(), ids).prop_map(
            |(time_unix_nanos, observed_unix_nanos, event_name, body, attributes, (trace_id, span_id))| {
                LogRecord {
                    time_unix_nanos,
                    observed_unix_nanos,
                    event_name,
                    body,
                    attributes,
                    trace_id,
                    span_id,
                }
            },
        )
    }

    fn metric_points() -> impl Strategy<Value = MetricPoint> {
        let sum = (any::<bool>(), any::<bool>())
            .prop_map(|(monotonic, cumulative)| MetricKind::Sum { monotonic, cumulative });
        let kinds = prop_oneof![Just(MetricKind::Gauge), sum];
        let times = (any::<u64>(), any::<u64>());
        ("[a-z]{1,3}", "[a-z]{0,2}", kinds, times, prop::option::of(-1e9..1e9), attributes()).prop_map(
            |(metric, unit, kind, (start_unix_nanos, time_unix_nanos), value, attributes)| MetricPoint {
                metric,
                unit,
                kind,
                start_unix_nanos,
                time_unix_nanos,
                value,
                attributes,
            },
        )
    }

    /// Numbers that are none differ from themselves, so what was read is compared as it is printed.
    fn printed(read: &impl std::fmt::Debug) -> String {
        format!("{read:?}")
    }

    proptest! {
        #[test]
        fn log_records_are_read_as_by_the_generated_types(groups in groups_of(log_records())) {
            let request = encode(Export::Logs(groups));
            prop_assert_eq!(export(Signal::Logs, &request).ok(), decode_strictly(Signal::Logs, &request).ok());
        }

        #[test]
        fn points_are_read_as_by_the_generated_types(groups in groups_of(metric_points())) {
            let request = encode(Export::Metrics(groups));
            let read = export(Signal::Metrics, &request).ok();
            prop_assert_eq!(read, decode_strictly(Signal::Metrics, &request).ok());
        }

        #[test]
        fn what_is_broken_is_read_alike_or_not_at_all(
            logs in groups_of(log_records()), metrics in groups_of(metric_points()),
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            for (signal, sent) in
                [(Signal::Logs, Export::Logs(logs)), (Signal::Metrics, Export::Metrics(metrics))]
            {
                let mut request = encode(sent);
                if request.is_empty() {
                    continue;
                }
                for (index, byte) in &changes {
                    let place = index.index(request.len());
                    request[place] = *byte;
                }
                if let Ok(read) = export(signal, &request) {
                    let by_types = decode_strictly(signal, &request);
                    prop_assert!(by_types.is_ok(), "taken, though it is not a message");
                    prop_assert_eq!(printed(&read), printed(&by_types.unwrap()));
                }
            }
        }
    }

    #[test]
    fn what_is_seldom_sent_is_left_to_the_generated_types() {
        // A message within a message twice, a group, a field of another type, and a key of ten bytes.
        for request in [
            &[0x0A, 4, 0x0A, 0, 0x0A, 0][..],
            &[0x0B, 0x0C],
            &[0x08, 1],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0],
        ] {
            assert_eq!(export(Signal::Logs, request), Err(Unusual), "{request:?}");
        }
        assert_eq!(export(Signal::Traces, &[]), Err(Unusual));
    }
}
