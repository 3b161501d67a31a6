// playerlink.hpp, without exceptions and RTTI.
#include <playerlink/playerlink.hpp>

#include <cstdio>

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

playerlink::Response login_answer() {
    playerlink::Response response;
    response.status = 200;
    response.headers.emplace_back("content-type", "application/json");
    response.body = "{\"access_token\":\"canary-a\",\"refresh_token\":\"canary-r\",\"token_type\":\"bearer\","
                    "\"expires_in\":3600,\"active_player_uuid\":\"player-1\",\"person_id\":\"q\","
                    "\"platform\":\"Steam\",\"portal_user_id\":\"s\",\"display_name\":\"Nova\"}";
    return response;
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

} // namespace

int main() {
    a_login_from_start_to_end();
    its_end_completes_what_is_under_way();
    a_start_that_fails_frees_its_callback();
    std::printf("wrapper: %d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
