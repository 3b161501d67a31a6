// playerlink.hpp, without exceptions and RTTI.
#include <playerlink/playerlink.hpp>

#include <cstdio>
#include <map>

extern "C" {
#include "check.h"
int checks;
int failures;
const char *test_name = "wrapper";
int shortened;
}

namespace {

struct Service : playerlink::Host {
    std::vector<std::uint64_t> open;
    int cancelled = 0;
    std::string last_body;
    bool send(const playerlink::Request &request) override {
        open.push_back(request.id());
        last_body = request.body();
        CHECK(request.method() == "POST");
        CHECK(request.url().compare(0, 8, "https://") == 0);
        CHECK(!request.headers().empty());
        return true;
    }
    void cancel(std::uint64_t) override { cancelled++; }
    void log(std::uint32_t, const std::string &line) override { CHECK(line.find("canary") == std::string::npos); }
};

/// The same with a store, which answers between two ticks.
struct Store : Service {
    struct Asked {
        std::uint64_t id;
        std::uint32_t kind;
        std::string key, value;
    };
    std::vector<Asked> asked;
    std::map<std::string, std::string> kept;
    bool has_storage() const override { return true; }
    bool storage(const playerlink_storage_request &request) override {
        const auto *bytes = reinterpret_cast<const char *>(request.value.ptr);
        asked.push_back(Asked{request.id, request.kind, playerlink::text(request.key),
                              request.value.len == 0 ? std::string() : std::string(bytes, request.value.len)});
        return true;
    }
    void answer(playerlink::Client &client) {
        std::vector<Asked> now;
        now.swap(asked);
        for (const Asked &one : now) {
            if (one.kind == PLAYERLINK_STORAGE_LOAD) {
                const auto found = kept.find(one.key);
                CHECK_IS(client.stored(one.id, true, found == kept.end() ? nullptr : &found->second), PLAYERLINK_OK);
                continue;
            }
            kept.erase(one.key);
            if (one.kind == PLAYERLINK_STORAGE_STORE) {
                kept[one.key] = one.value;
            }
            CHECK_IS(client.stored(one.id, true), PLAYERLINK_OK);
        }
    }
    /// Some frames, each request answered with that.
    void frames(playerlink::Client &client, const playerlink::Response &response) {
        for (int i = 0; i < 40; i++) {
            now += 16;
            CHECK_IS(client.tick(now, now), PLAYERLINK_OK);
            answer(client);
            std::vector<std::uint64_t> ids;
            ids.swap(open);
            for (const std::uint64_t id : ids) {
                sent++;
                CHECK_IS(client.complete(id, response), PLAYERLINK_OK);
            }
        }
    }
    std::uint64_t now = 1;
    int sent = 0;
};

playerlink::Response answer(const std::string &body) {
    playerlink::Response response;
    response.status = 200;
    response.headers.emplace_back("content-type", "application/json");
    response.body = body;
    return response;
}

playerlink::Response login_answer(const std::string &player = "player-1") {
    return answer("{\"access_token\":\"canary-a\",\"refresh_token\":\"canary-r\",\"token_type\":\"bearer\","
                  "\"expires_in\":3600,\"active_player_uuid\":\"" + player + "\",\"person_id\":\"q-" + player +
                  "\",\"platform\":\"Steam\",\"portal_user_id\":\"s-" + player + "\",\"display_name\":\"Nova\"}");
}

playerlink_client_options options() {
    auto made = playerlink::make<playerlink_client_options>();
    made.service = PLAYERLINK_SERVICE_RALLYHERE;
    made.log_level = PLAYERLINK_LOG_DEBUG;
    made.environment = playerlink::view("demo");
    made.client_id = playerlink::view("game");
    made.client_secret = playerlink::view("canary-secret");
    return made;
}

void a_login_from_start_to_end() {
    Service service;
    playerlink::Client client;
    int events = 0, done = 0;
    CHECK(!client);
    CHECK_IS(playerlink::Client::create(options(), service, client, [&](const playerlink::Completion &) { events++; }),
             PLAYERLINK_OK);
    CHECK(bool(client));
    auto credential = playerlink::make<playerlink_credential>();
    const std::string ticket = "canary-steam";
    credential.kind = PLAYERLINK_CREDENTIAL_STEAM;
    credential.token = playerlink::view(ticket);
    // What a completion owns goes with it.
    auto owned = std::make_shared<int>(5);
    CHECK_IS(client.login(credential,
                          [&done, owned](const playerlink::Completion &c) {
                              done++;
                              CHECK(c.ok());
                              CHECK(c.session() != nullptr && playerlink::text(c.session()->player_id) == "player-1");
                          }),
             PLAYERLINK_OK);
    CHECK_IS(owned.use_count(), 2);
    CHECK_IS(client.tick(1, 1), PLAYERLINK_OK);
    CHECK_IS(service.open.size(), 1);
    playerlink::Client moved(std::move(client));
    CHECK(!client);
    if (!service.open.empty()) {
        CHECK_IS(moved.complete(service.open[0], login_answer()), PLAYERLINK_OK);
    }
    for (std::uint64_t i = 2; i < 8; i++) {
        CHECK_IS(moved.tick(i, i), PLAYERLINK_OK);
    }
    CHECK_IS(done, 1);
    CHECK_IS(owned.use_count(), 1);
    playerlink::Session session;
    CHECK_IS(moved.session(session), PLAYERLINK_OK);
    CHECK(session.player_id == "player-1" && session.display_name == "Nova");
    std::string token;
    CHECK_IS(moved.access_token(token), PLAYERLINK_OK);
    CHECK(token == "canary-a");
    playerlink::wipe(token);
    CHECK(token.empty());
    CHECK_IS(moved.logout([&](const playerlink::Completion &c) { done += c.ok() ? 1 : 0; }), PLAYERLINK_OK);
    for (std::uint64_t i = 8; i < 16; i++) {
        CHECK_IS(moved.tick(i * 1000, i), PLAYERLINK_OK);
    }
    CHECK_IS(done, 2);
    CHECK(events > 0);
}

void its_end_completes_what_is_under_way() {
    Service service;
    int done = 0;
    {
        playerlink::Client client, other;
        CHECK_IS(playerlink::Client::create(options(), service, client), PLAYERLINK_OK);
        auto credential = playerlink::make<playerlink_credential>();
        credential.kind = PLAYERLINK_CREDENTIAL_STEAM;
        credential.token = playerlink::view("canary");
        CHECK_IS(client.login(credential,
                              [&](const playerlink::Completion &c) {
                                  done++;
                                  CHECK_IS(c.result(), PLAYERLINK_E_CANCELLED);
                                  CHECK(c.error() != nullptr);
                              }),
                 PLAYERLINK_OK);
        client.tick(1, 1);
        other = std::move(client);
    }
    CHECK_IS(done, 1);
}

void a_start_that_fails_frees_its_callback() {
    Service service;
    playerlink::Client client;
    CHECK_IS(playerlink::Client::create(options(), service, client), PLAYERLINK_OK);
    auto owned = std::make_shared<int>(5);
    auto credential = playerlink::make<playerlink_credential>();
    playerlink_op op = 9;
    CHECK(!playerlink::worked(client.login(credential, [owned](const playerlink::Completion &) {}, &op)));
    CHECK_IS(op, 0);
    CHECK_IS(owned.use_count(), 1);
    CHECK(!client.error_text().empty());
}

void several_players_are_listed_and_one_is_taken_up() {
    Store service;
    playerlink::Client client;
    CHECK_IS(playerlink::Client::create(options(), service, client), PLAYERLINK_OK);
    int signed_in = 0;
    for (const char *player : {"player-1", "player-2"}) {
        auto credential = playerlink::make<playerlink_credential>();
        credential.kind = PLAYERLINK_CREDENTIAL_STEAM;
        credential.token = playerlink::view("canary-steam");
        CHECK_IS(client.login(credential, [&](const playerlink::Completion &c) { signed_in += c.ok() ? 1 : 0; }),
                 PLAYERLINK_OK);
        service.frames(client, login_answer(player));
    }
    CHECK_IS(signed_in, 2);

    // As after a restart: another client over the same store.
    client = playerlink::Client();
    CHECK(!service.kept.empty());
    service.asked.clear();
    const int sent = service.sent;
    CHECK_IS(playerlink::Client::create(options(), service, client), PLAYERLINK_OK);
    std::vector<playerlink::Account> accounts;
    CHECK_IS(client.accounts([&](const playerlink::Completion &c) {
        CHECK_IS(c.kind(), PLAYERLINK_COMPLETION_ACCOUNTS);
        CHECK(c.accounts() != nullptr && c.accounts()->has_active == 1);
        accounts = playerlink::copied(c.accounts());
    }),
             PLAYERLINK_OK);
    service.frames(client, login_answer());
    CHECK_IS(accounts.size(), 2);
    if (accounts.size() == 2) {
        CHECK(accounts[0].player_id == "player-2" && accounts[1].player_id == "player-1");
        CHECK(accounts[1].platform == "Steam" && accounts[1].display_name == "Nova");
        int done = 0;
        CHECK_IS(client.restore_account(accounts[1].account_id,
                                        [&](const playerlink::Completion &c) {
                                            done++;
                                            CHECK_IS(c.result(), PLAYERLINK_OK);
                                            CHECK(c.accounts() == nullptr);
                                            CHECK(playerlink::copied(c.accounts()).empty());
                                        }),
                 PLAYERLINK_OK);
        service.frames(client, login_answer());
        CHECK_IS(done, 1);
        playerlink::Session session;
        CHECK_IS(client.session(session), PLAYERLINK_OK);
        CHECK(session.player_id == "player-1");
    }
    int nobody = 0;
    CHECK_IS(client.restore_account("nobody",
                                    [&](const playerlink::Completion &c) {
                                        nobody++;
                                        CHECK_IS(c.result(), PLAYERLINK_NOTHING);
                                    }),
             PLAYERLINK_OK);
    service.frames(client, login_answer());
    CHECK_IS(nobody, 1);
    CHECK_IS(service.sent, sent);

    auto owned = std::make_shared<int>(5);
    playerlink_op op = 9;
    CHECK_IS(client.restore_account("", [owned](const playerlink::Completion &) {}, &op), PLAYERLINK_E_ARGUMENT);
    CHECK_IS(op, 0);
    CHECK_IS(owned.use_count(), 1);
}

/// What is on the screen, by the events.
struct Seen {
    std::uint32_t state = PLAYERLINK_LINKING_IDLE, flags = 0;
    playerlink_result result = PLAYERLINK_OK;
    std::string code, platform, name;
    void look(const playerlink::Completion &c) {
        if (c.linking() != nullptr) {
            state = c.linking()->state;
            flags = c.linking()->flags;
            result = c.linking()->result;
            code = playerlink::text(c.linking()->code);
            platform = playerlink::text(c.linking()->linked_platform);
            name = playerlink::text(c.linking()->linked_display_name);
        }
    }
};

void the_game_s_server_says_what_became_of_a_code(bool linked) {
    Store service;
    playerlink::Client client;
    auto set_up = playerlink::make<playerlink_client_options>();
    set_up.service = PLAYERLINK_SERVICE_XSOLLA;
    set_up.project_id = playerlink::view("f6c5011a-715e-4e5e-b7b1-a4812d85b8c8");
    set_up.client_id = playerlink::view("57");
    set_up.redirect_uri = playerlink::view("https://companion.example/callback");
    Seen seen;
    CHECK_IS(playerlink::Client::create(set_up, service, client,
                                        [&](const playerlink::Completion &c) { seen.look(c); }),
             PLAYERLINK_OK);
    auto credential = playerlink::make<playerlink_credential>();
    credential.kind = PLAYERLINK_CREDENTIAL_PASSWORD;
    credential.user_id = playerlink::view("nova");
    credential.token = playerlink::view("canary-password");
    int done = 0;
    CHECK_IS(client.login(credential, [&](const playerlink::Completion &c) { done += c.ok() ? 1 : 0; }), PLAYERLINK_OK);
    // {"alg":"HS256"}.{"sub":"user-7"}
    const playerlink::Response tokens =
        answer("{\"access_token\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTcifQ.AAAA\",\"token_type\":\"bearer\","
               "\"refresh_token\":\"canary-r\",\"expires_in\":3600}");
    service.frames(client, tokens);
    CHECK_IS(done, 1);

    auto news = playerlink::make<playerlink_linking_news>();
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_HIDDEN), PLAYERLINK_E_STATE);
    CHECK_IS(client.push_linking_news(news), PLAYERLINK_E_STATE);
    CHECK_IS(client.create_linking_code(nullptr, [&](const playerlink::Completion &c) {
        done += c.ok() ? 1 : 0;
        seen.look(c);
    }),
             PLAYERLINK_OK);
    service.frames(client, answer("{\"code\":\"123456\"}"));
    CHECK_IS(done, 2);
    CHECK_IS(seen.state, PLAYERLINK_LINKING_ACTIVE);
    CHECK(seen.code == "123456");

    // Each act is another: an unseen code stays, a concealed one has no text.
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_HIDDEN), PLAYERLINK_OK);
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_CONCEAL), PLAYERLINK_OK);
    service.frames(client, tokens);
    CHECK(seen.flags == PLAYERLINK_LINKING_CONCEALED && seen.code.empty());
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_VISIBLE), PLAYERLINK_OK);
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_REVEAL), PLAYERLINK_OK);
    service.frames(client, tokens);
    CHECK(seen.state == PLAYERLINK_LINKING_ACTIVE && seen.code == "123456");
    CHECK_IS(client.act_on_linking_code(PLAYERLINK_LINKING_ACT_VISIBLE + 1), PLAYERLINK_E_ARGUMENT);

    const std::string platform = "xbox", name = "Nova on Xbox", conflict = "010-016";
    news.conflict = linked ? playerlink::view("") : playerlink::view(conflict);
    news.platform = playerlink::view(platform);
    news.display_name = playerlink::view(name);
    news.reserved = 1;
    CHECK_IS(client.push_linking_news(news), PLAYERLINK_E_ARGUMENT);
    news.reserved = 0;
    const int sent = service.sent;
    CHECK_IS(client.push_linking_news(news), PLAYERLINK_OK);
    CHECK_IS(seen.state, PLAYERLINK_LINKING_ACTIVE);
    service.now += 3000;
    service.frames(client, tokens);
    CHECK(seen.code.empty());
    if (linked) {
        CHECK_IS(seen.state, PLAYERLINK_LINKING_LINKED);
        CHECK(seen.platform == platform && seen.name == name);
        // The session is refreshed: another player may be behind it now.
        CHECK(service.sent > sent);
    } else {
        CHECK_IS(seen.state, PLAYERLINK_LINKING_FAILED);
        CHECK_IS(seen.result, PLAYERLINK_E_CONFLICT);
    }
}

} // namespace

int main() {
    a_login_from_start_to_end();
    its_end_completes_what_is_under_way();
    a_start_that_fails_frees_its_callback();
    several_players_are_listed_and_one_is_taken_up();
    the_game_s_server_says_what_became_of_a_code(true);
    the_game_s_server_says_what_became_of_a_code(false);
    std::printf("wrapper: %d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
