//! Any sequence of calls against a model: which handles live, which operations are under way. Each answer must be one the
//! header allows there, and each operation must end exactly once.
#![no_main]

mod game;

use std::collections::BTreeSet;
use std::ptr::null_mut;

use game::*;
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Model {
    live: Vec<(playerlink_client, u32)>,
    gone: Vec<playerlink_client>,
    started: BTreeSet<u64>,
    now: u64,
}

const GOOD: &str = "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"token_type\":\"bearer\",\"expires_in\":60,\
    \"active_player_uuid\":\"p\",\"person_id\":\"q\",\"platform\":\"Steam\",\"portal_user_id\":\"s\"}";

fuzz_target!(|data: &[u8]| {
    seen(|seen| *seen = Seen::default());
    let mut model = Model { now: 1 << 40, ..Model::default() };
    for pair in data.chunks_exact(2).take(200) {
        let [act, with] = pair else { break };
        step(&mut model, act % 14, *with);
    }
    for (client, _) in std::mem::take(&mut model.live) {
        assert_eq!(destroy(client), PLAYERLINK_OK);
    }
    seen(|seen| {
        for op in &model.started {
            assert_eq!(seen.ended.get(op), Some(&1), "an operation did not end exactly once");
        }
        assert_eq!(seen.ended.len(), model.started.len(), "an operation ended that was not started");
    });
});

fn step(model: &mut Model, act: u8, with: u8) {
    if act == 0 && model.live.len() < 4 {
        let service = u32::from(with % 3) + 1;
        let client = create(service, with & 8 != 0);
        assert!(!model.gone.contains(&client), "a handle came again");
        model.live.push((client, service));
        return;
    }
    if act == 1 {
        // A handle that is none, or no longer one.
        let client = model.gone.get(usize::from(with)).copied().unwrap_or(playerlink_client(u64::from(with)));
        assert_eq!(tick(client, model.now), PLAYERLINK_E_BAD_HANDLE);
        assert_eq!(login(client, 1).0, PLAYERLINK_E_BAD_HANDLE);
        assert_eq!(answer(client, 1, 200, b"", b"{}"), PLAYERLINK_E_BAD_HANDLE);
        return;
    }
    let Some((client, service)) = model.live.get(usize::from(with) % model.live.len().max(1)).copied() else { return };
    let mut op = playerlink_op(0);
    let result = match act {
        2 => {
            model.now += u64::from(with) * 97;
            assert_eq!(tick(client, model.now), PLAYERLINK_OK);
            return;
        }
        3 => {
            let (result, id) = login(client, service);
            op = playerlink_op(id);
            result
        }
        4 => unsafe { playerlink_session_refresh(client, Some(done), null_mut(), &raw mut op) },
        5 => unsafe { playerlink_session_restore(client, Some(done), null_mut(), &raw mut op) },
        6 => unsafe { playerlink_logout(client, Some(done), null_mut(), &raw mut op) },
        7 => unsafe { playerlink_account_links(client, Some(done), null_mut(), &raw mut op) },
        8 => {
            let id = seen(|seen| seen.requests.pop());
            let Some(id) = id else { return };
            // It may be another client's.
            for (client, _) in &model.live {
                let result = answer(*client, id, if with & 1 == 0 { 200 } else { 500 }, b"", GOOD.as_bytes());
                assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_UNKNOWN_ID), "{result:?}");
            }
            return;
        }
        9 => {
            let Some((id, _)) = seen(|seen| seen.storing.pop()) else { return };
            for (client, _) in &model.live {
                let result = stored(*client, id, i32::from(with & 1), None);
                assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_UNKNOWN_ID), "{result:?}");
            }
            return;
        }
        10 => {
            let started = model.started.iter().nth(usize::from(with)).copied().unwrap_or(u64::from(with));
            let result = unsafe { playerlink_op_cancel(client, playerlink_op(started)) };
            assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_UNKNOWN_ID | PLAYERLINK_E_BAD_HANDLE), "{result:?}");
            return;
        }
        11 => {
            let result = unsafe { playerlink_client_notify(client, u32::from(with % 5)) };
            assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_ARGUMENT));
            return;
        }
        12 => {
            let (mut buffer, mut size) = ([0_u8; 64], usize::from(with % 64));
            let result =
                unsafe { playerlink_session_copy_access_token(client, buffer.as_mut_ptr().cast(), &raw mut size) };
            assert_ne!(result, PLAYERLINK_E_INTERNAL);
            return;
        }
        13 => {
            assert_eq!(destroy(client), PLAYERLINK_OK);
            model.live.retain(|(other, _)| *other != client);
            model.gone.push(client);
            return;
        }
        _ => return,
    };
    assert_ne!(result, PLAYERLINK_E_INTERNAL);
    if (result as i32) < 0 {
        assert_eq!(op.0, 0);
    } else {
        assert_ne!(op.0, 0);
        assert!(model.started.insert(op.0), "an operation's number came again");
    }
}
