//! Draws a wound beside a ruler, so that the demo has pictures nobody had to be photographed for.

use super::numbers::Dice;

/// Width of the picture in pixels.
pub const WIDTH: u32 = 800;
/// Height of the picture in pixels.
pub const HEIGHT: u32 = 600;
/// Pixels a millimetre.
const PX_PER_MM: f32 = 8.0;

type Rgb = [f32; 3];

/// Pixels (RGB, row by row, [`WIDTH`] × [`HEIGHT`]) of a wound `length_mm` × `width_mm`.
pub fn draw(length_mm: i64, width_mm: i64, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let wobble: Vec<f32> = (0..8).map(|_| dice.within(-100, 100) as f32 / 1000.0).collect();
    let (rx, ry) = (length_mm as f32 * PX_PER_MM / 2.0, width_mm as f32 * PX_PER_MM / 2.0);
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let grain = (dice.next() % 100) as f32 / 100.0 - 0.5;
            let colour = ruler(x, y).unwrap_or_else(|| skin_or_wound(x, y, rx, ry, &wobble, grain));
            pixels.extend(colour.map(|c| c.clamp(0.0, 255.0) as u8));
        }
    }
    pixels
}

fn skin_or_wound(x: u32, y: u32, rx: f32, ry: f32, wobble: &[f32], grain: f32) -> Rgb {
    let (dx, dy) = (x as f32 - WIDTH as f32 / 2.0, y as f32 - 266.0);
    let straight = ((dx / rx.max(1.0)).powi(2) + (dy / ry.max(1.0)).powi(2)).sqrt();
    // The wobble adds up to 0.8 at most: far outside and deep inside the edge's shape does not matter.
    let reach = if (0.09..2.5).contains(&straight) { straight / (1.0 + edge(dx, dy, wobble)) } else { straight };
    let light = 1.0 - (dx * dx + dy * dy).sqrt() / 1466.0;
    let base: Rgb = match reach {
        r if r < 0.45 => mix([176.0, 46.0, 44.0], [196.0, 150.0, 92.0], (0.45 - r) * 1.1),
        r if r < 0.92 => [172.0, 58.0, 54.0],
        r if r < 1.0 => [214.0, 132.0, 120.0],
        r if r < 1.35 => mix([222.0, 150.0, 132.0], [226.0, 184.0, 160.0], (r - 1.0) / 0.35),
        _ => [226.0, 184.0, 160.0],
    };
    base.map(|c| c * light + grain * 9.0)
}

/// How far the wound's edge stands out in this direction, as a part of its radius.
fn edge(dx: f32, dy: f32, wobble: &[f32]) -> f32 {
    let angle = dy.atan2(dx);
    wobble.iter().zip(2u8..).map(|(w, k)| w * (angle * f32::from(k)).sin()).sum()
}

fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    let t = t.clamp(0.0, 1.0);
    let [a0, a1, a2] = a;
    let [b0, b1, b2] = b;
    [a0 + (b0 - a0) * t, a1 + (b1 - a1) * t, a2 + (b2 - a2) * t]
}

/// The paper ruler along the lower edge: a tick each millimetre, longer at 5 and 10.
fn ruler(x: u32, y: u32) -> Option<Rgb> {
    const TOP: u32 = 493;
    const BOTTOM: u32 = 567;
    if !(TOP..BOTTOM).contains(&y) || !(40..WIDTH - 40).contains(&x) {
        return None;
    }
    let mm = (x - 40) / PX_PER_MM as u32;
    let on_tick = (x - 40) % (PX_PER_MM as u32) < 2;
    let tick = match mm {
        m if m % 10 == 0 => 40,
        m if m % 5 == 0 => 28,
        _ => 16,
    };
    Some(if on_tick && y < TOP + tick { [20.0, 26.0, 32.0] } else { [247.0, 246.0, 240.0] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn a_larger_wound_is_redder_and_the_ruler_is_in_view() {
        let red = |pixels: &[u8]| pixels.chunks(3).filter(|p| p[0] > 120 && p[1] < 90 && p[2] < 90).count();
        let small = draw(10, 8, 1);
        let large = draw(40, 28, 1);
        assert_eq!(small.len(), (WIDTH * HEIGHT * 3) as usize);
        assert!(red(&large) > 4 * red(&small));
        let on_ruler = ((533 * WIDTH + 46) * 3) as usize;
        assert!(small[on_ruler] > 240, "paper");
    }
}
