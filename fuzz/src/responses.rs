//! Any answer of a service, and any bytes in the store: no crash, no panic, and the operation ends.
#![no_main]

mod game;

use game::*;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [first, second, rest @ ..] = data else { return };
    let service = u32::from(first % 3) + 1;
    let status = [200, 200, 400, 401, 403, 429, 503, 999].get(usize::from(second % 8)).copied().unwrap_or(200);
    let from_store = second & 0x80 != 0;
    let (header, body) = rest.split_at(rest.len().min(usize::from(first >> 5)));
    seen(|seen| *seen = Seen::default());
    let client = create(service, from_store);
    let op = if from_store {
        let mut op = playerlink_op(0);
        let result = unsafe { playerlink_session_restore(client, Some(done), std::ptr::null_mut(), &raw mut op) };
        assert_eq!(result, PLAYERLINK_OK);
        op.0
    } else {
        let (result, op) = login(client, service);
        assert_eq!(result, PLAYERLINK_OK);
        op
    };
    let mut now = 1 << 40;
    for round in 0..40 {
        assert_ne!(tick(client, now), PLAYERLINK_E_INTERNAL);
        let (requests, storing) = seen(|seen| (std::mem::take(&mut seen.requests), std::mem::take(&mut seen.storing)));
        for id in requests {
            let _ = answer(client, id, status, header, body);
        }
        for (id, kind) in storing {
            let _ = stored(client, id, 0, (kind == PLAYERLINK_STORAGE_LOAD).then_some(body));
        }
        // The last rounds let every deadline pass.
        now += if round > 30 { 20_000 } else { 500 };
    }
    assert_eq!(seen(|seen| seen.ended.get(&op).copied()), Some(1), "the operation did not end");
    assert_eq!(destroy(client), PLAYERLINK_OK);
});
