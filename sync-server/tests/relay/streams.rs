//! Hints: when they come, what they cost, how they end.

use std::time::{Duration, Instant};

use axum::body::Body;
use http_body_util::BodyExt;
use meguri_relay::Settings;
use meguri_wire::*;
use tower::ServiceExt;

use crate::region::*;

async fn events(region: &Region, by: &Device, target: &str) -> Body {
    let request = region.request(by, "GET", target, None).await;
    let reply = region.router.clone().oneshot(request.map(Body::from)).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    assert_eq!(reply.headers()["x-accel-buffering"], "no");
    reply.into_body()
}

async fn next(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("nothing came");
    frame.map(|frame| String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

async fn write(region: &mut Region) {
    let feed = region.chart.id();
    let item = region.bob.item(feed, b"x");
    region.accepted(&region.bob, vec![plain(item)]).await;
}

#[tokio::test]
async fn the_first_hint_comes_at_once_and_the_next_are_merged() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let mut body = events(&region, &region.alice, "/v1/events").await;
    write(&mut region).await;
    let told = Instant::now();
    assert_eq!(next(&mut body).await.unwrap(), format!("data: {feed} 4\n\n"));
    assert!(told.elapsed() < Duration::from_millis(500), "{:?} after the answer", told.elapsed());
    for _ in 0..40 {
        write(&mut region).await;
    }
    // Whoever does not read is owed one hint per feed, not forty.
    assert_eq!(next(&mut body).await.unwrap(), format!("data: {feed} 44\n\n"));
    let more = tokio::time::timeout(Duration::from_millis(200), body.frame()).await;
    assert!(more.is_err(), "nothing more to tell");
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive() {
    let region = Region::with(Settings { comment_ms: 30, ..settings() }, 0).await;
    let mut body = events(&region, &region.alice, "/v1/events").await;
    for _ in 0..3 {
        assert_eq!(next(&mut body).await.unwrap(), ":\n\n");
    }
    assert_eq!(Settings::default().comment_ms, 20_000);
}

#[tokio::test]
async fn only_feeds_asked_for_and_only_those_one_may_read_are_told() {
    let mut region = Region::make().await;
    let (other, genesis) = chart_of(&region.nursing, 44);
    let mut hers = events(&region, &region.alice, &format!("/v1/events?feeds={}", other.id())).await;
    let mut his = events(&region, &region.bob, "/v1/events").await;
    region.accepted(&region.alice, vec![plain(genesis)]).await;
    write(&mut region).await;
    assert_eq!(next(&mut hers).await.unwrap(), format!("data: {} 1\n\n", other.id()));
    assert_eq!(next(&mut his).await.unwrap(), format!("data: {} 4\n\n", region.chart.id()), "not the other chart");
    let refused = region.refused(&region.alice, "GET", "/v1/events?feeds=xyz", None).await;
    assert_eq!(refused.1, Code::BadRequest);
}

#[tokio::test]
async fn a_device_holds_a_few_streams_and_the_oldest_ends() {
    let region = Region::with(Settings { streams_per_device: 2, ..settings() }, 0).await;
    let mut oldest = events(&region, &region.alice, "/v1/events").await;
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(events(&region, &region.alice, "/v1/events").await);
    }
    assert_eq!(next(&mut oldest).await, None);
    region.app.close_streams();
    for body in &mut others {
        assert_eq!(next(body).await, None);
    }
}
