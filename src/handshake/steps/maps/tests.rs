//! The same for maps of the `http` crate.

use super::*;
use crate::handshake::server::Refusal;

fn map(fields: &Fields) -> Option<http::HeaderMap> {
    let mut map = http::HeaderMap::new();
    for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with(':')) {
        map.append(*name, http::HeaderValue::from_str(value).ok()?);
    }
    Some(map)
}

#[test]
fn a_server_reads_a_map_in_steps_in_proportion_to_its_bytes() {
    for shape in shapes() {
        let fields = completed(&shape, &REQUEST);
        let mut request = http::Request::new(());
        let Some(headers) = map(&fields) else { continue };
        *request.headers_mut() = headers;
        let steps = counted(|| {
            if let Ok(request) = RequestReader::new(Admission::any()).read_http(&request) {
                let _ = asked(&request).to_http::<()>();
            }
        });
        in_proportion(steps, &fields);
        *request.method_mut() = http::Method::CONNECT;
        *request.uri_mut() = http::Uri::from_static("https://a/");
        let fields = completed(&shape, &CONNECT[5..]);
        *request.headers_mut() = map(&fields).unwrap();
        let steps = counted(|| {
            let reader = RequestReader::new(Admission::any());
            if let Ok(request) = reader.read_http_connect(&request, Some("websocket")) {
                let _ = asked(&request).to_http::<()>();
            }
        });
        in_proportion(steps, &fields);
    }
}

#[test]
fn a_client_reads_a_map_in_steps_in_proportion_to_its_bytes() {
    let (_, connect) = client().to_fields().unwrap();
    for shape in shapes() {
        let fields = completed(&shape, &RESPONSE);
        let mut response = http::Response::new(());
        let Some(headers) = map(&fields) else { continue };
        *response.headers_mut() = headers;
        *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        in_proportion(counted(|| _ = reader().read_http(&response)), &fields);
        *response.status_mut() = http::StatusCode::OK;
        in_proportion(counted(|| _ = connect.read_http(&response)), &fields);
    }
}

#[test]
fn a_map_beyond_the_limits_of_a_head_costs_no_more_than_one_within() {
    let most = ALWAYS + MOST * HeadLimits::HEAD;
    for value in ["", ",", &"v".repeat(1000)] {
        let fields = vec![("sec-websocket-protocol", String::from(value)); 10 * HeadLimits::FIELDS];
        let mut request = http::Request::new(());
        *request.headers_mut() = map(&fields).unwrap();
        let steps = counted(|| {
            let refused = RequestReader::new(Admission::any()).read_http(&request).unwrap_err();
            assert_eq!(Refusal::from(refused).status(), 431);
        });
        assert!(steps <= most, "{steps}");
    }
}
