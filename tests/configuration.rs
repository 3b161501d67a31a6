//! Each mistake in a configuration is found before anything is sent, has the kind `configuration`, and says what to write
//! instead.

#[cfg(test)]
mod tests {
    use playerlink::host::{NativeHost, SimHost, SimReply, TransportErrorKind};
    use playerlink::rallyhere::{self, Credential, RallyHere};
    use playerlink::xsolla::server::{ServerConfig, XsollaServer};
    use playerlink::xsolla::{self, Xsolla};
    use playerlink::{Error, ErrorKind};

    const PROJECT: &str = "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8";

    /// Wrong addresses, and what the sentence about each must name.
    const ADDRESSES: [(&str, &str); 15] = [
        ("", "the base URL is empty; write the service's address, e.g. https://"),
        ("   ", "the base URL is empty; write the service's address, e.g. https://"),
        ("ftp://demo.rally-here.io", "must begin with https://"),
        ("file:///etc/passwd", "write scheme and host"),
        ("https://", "write scheme and host"),
        ("https:///users", "write scheme and host"),
        ("http://demo.rally-here.io", "write https:// instead"),
        ("http://127.0.0.1.example.com", "write https:// instead"),
        ("http://localhost.example.com", "write https:// instead"),
        ("https://user:word@demo.rally-here.io", "credentials have their own fields"),
        ("https://demo.rally-here.io?x=1", "write scheme, host and path only"),
        ("https://demo.rally-here.io/#top", "write scheme, host and path only"),
        ("https://demo rally-here.io", "write scheme and host"),
        ("https://demo.rally-here.io:0", "write scheme and host"),
        ("https://demo.rally-here.io:65536", "write scheme and host"),
    ];

    fn check(found: Result<(), Error>, names: &str) {
        let error = found.expect_err(names);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(error.message().contains(names), "{error} does not name: {names}");
        assert_eq!((error.status(), error.code()), (None, None), "nothing was sent");
    }

    fn rallyhere(config: rallyhere::Config) -> Result<(), Error> {
        let host = SimHost::new(1);
        let result = RallyHere::new(config, host.clone()).map(|_| ());
        assert!(host.requests().is_empty());
        result
    }

    fn xsolla(config: xsolla::Config) -> Result<(), Error> {
        Xsolla::new(config, SimHost::new(1)).map(|_| ())
    }

    fn server(config: ServerConfig) -> Result<(), Error> {
        XsollaServer::new(config, SimHost::new(1)).map(|_| ())
    }

    fn good_server() -> ServerConfig {
        ServerConfig::client("59", "secret").publisher_project_id(44056)
    }

    #[test]
    fn what_is_right_is_taken() {
        for url in [
            "https://demo.rally-here.io/",
            "demo.rally-here.io",
            "http://127.0.0.1:4000",
            "http://[::1]:4000",
            "http://localhost",
        ] {
            assert!(rallyhere(rallyhere::Config::base_url(url).client("game", "secret")).is_ok(), "{url}");
        }
        assert!(rallyhere(rallyhere::Config::environment("demo").client("game", "secret").timeout_ms(1)).is_ok());
        assert!(xsolla(xsolla::Config::project(PROJECT).oauth("57", "").timeout_ms(120_000)).is_ok());
        assert!(server(good_server()).is_ok());
        assert!(server(ServerConfig::client("59", "s").shadow_project_id(PROJECT)).is_ok());
    }

    #[test]
    fn r40_a_wrong_address_says_which_part_is_wrong() {
        for (url, names) in ADDRESSES {
            check(rallyhere(rallyhere::Config::base_url(url).client("game", "secret")), names);
            check(xsolla(xsolla::Config::project(PROJECT).oauth("57", "").base_url(url)), names);
            check(server(good_server().base_url(url)), names);
        }
    }

    #[test]
    fn a_wrong_environment_id_says_to_write_the_id_alone() {
        for id in ["", "demo.rally-here.io", "https://demo.rally-here.io", "de mo", "demo/", "demo:80", "démo"] {
            let config = rallyhere::Config::environment(id).client("game", "secret");
            check(rallyhere(config), "write the id alone, e.g. `demo`");
        }
    }

    #[test]
    fn missing_client_credentials_say_where_they_are_found() {
        let config = || rallyhere::Config::environment("demo");
        for config in [config(), config().client("", "secret"), config().client("game", "")] {
            check(rallyhere(config), "both are in the RallyHere developer portal");
        }
        check(rallyhere(config().client("game:1", "secret")), "must not contain `:`; write the id alone");
    }

    #[test]
    fn a_wrong_deadline_says_its_range() {
        for ms in [0, 120_001, u64::MAX] {
            let names = "1 to 120000 milliseconds";
            check(rallyhere(rallyhere::Config::environment("demo").client("game", "secret").timeout_ms(ms)), names);
            check(xsolla(xsolla::Config::project(PROJECT).oauth("57", "").timeout_ms(ms)), names);
            check(server(good_server().timeout_ms(ms)), names);
        }
    }

    #[test]
    fn a_wrong_login_project_shows_what_an_id_looks_like() {
        for id in ["", "44056", "f6c5011a715e4e5eb7b1a4812d85b8c8", "f6c5011a-715e-4e5e-b7b1-a4812d85b8cg", "{uuid}"] {
            let names = "must be a UUID such as f6c5011a-715e-4e5e-b7b1-a4812d85b8c8";
            check(xsolla(xsolla::Config::project(id).oauth("57", "")), names);
            check(server(good_server().shadow_project_id(id)), names);
        }
    }

    #[test]
    fn a_wrong_oauth_client_says_where_its_number_is_found_and_none_is_the_jwt_protocol() {
        assert!(xsolla(xsolla::Config::project(PROJECT)).is_ok());
        for id in ["", "fifty-seven", "57 ", "-57", "5.7", PROJECT] {
            check(
                xsolla(xsolla::Config::project(PROJECT).oauth(id, "")),
                "must be a number; it is in Publisher Account",
            );
            let config = ServerConfig::client(id, "secret").publisher_project_id(44056);
            check(server(config), "needs its id (a number) and its secret");
        }
        check(server(ServerConfig::client("59", "").publisher_project_id(1)), "needs its id (a number) and its secret");
    }

    #[test]
    fn a_server_without_a_project_says_that_one_of_two_ids_is_needed() {
        let config = ServerConfig::client("59", "secret");
        check(server(config), "neither publisher project id nor shadow project id is set; one of them");
    }

    #[test]
    fn a_wrong_configuration_never_shows_the_secret() {
        let config = rallyhere::Config::base_url("https://me:CANARY@x?CANARY").client("game", "CANARY");
        let text = format!("{config:?} {:?}", rallyhere(config.clone()).unwrap_err());
        assert!(!text.contains("CANARY"), "{text}");
    }

    #[test]
    fn a_native_host_outside_a_runtime_says_where_to_make_it() {
        let error = NativeHost::new().expect_err("there is no runtime");
        assert_eq!(error.kind(), ErrorKind::Misuse);
        assert!(error.message().contains("inside a tokio runtime, e.g. under #[tokio::main]"), "{error}");
    }

    #[test]
    fn what_only_shows_on_the_way_is_told_as_clearly() {
        let host = SimHost::new(1);
        let config = rallyhere::Config::base_url("https://wrong.example").client("game", "secret").retries(false);
        let client = RallyHere::new(config, host.clone()).unwrap();
        host.on_request(|_, _| SimReply::fails(TransportErrorKind::Unusable));
        let error = host.block_on(client.login(Credential::steam("t"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        host.on_request(|_, _| SimReply::response(301, vec![("location".into(), "https://x".into())], ""));
        let error = host.block_on(client.login(Credential::steam("t"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.message().contains("check the base URL"), "{error}");
        host.on_request(|_, _| SimReply::json(403, r#"{"error_code":"client_credentials_invalid"}"#));
        let error = host.block_on(client.login(Credential::steam("t"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains("RallyHere developer portal"), "{error}");
    }
}
