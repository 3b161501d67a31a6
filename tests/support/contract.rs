//! The tables of `tests/contracts`, copied from the contracts and never from the code under test.

/// The lines of a CSV file without its head, as fields.
pub(crate) fn rows<const N: usize>(text: &'static str) -> Vec<[&'static str; N]> {
    text.lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            fields.try_into().unwrap_or_else(|_| panic!("not {N} fields: {line}"))
        })
        .collect()
}

/// `code,platform_group,classification` of the 104 login codes of the base page.
pub(crate) fn base_login_codes() -> Vec<[&'static str; 3]> {
    rows(include_str!("../contracts/rallyhere-login-errors.csv"))
}

/// The same of the 12 codes of the newest specification.
pub(crate) fn newest_login_codes() -> Vec<[&'static str; 3]> {
    rows(include_str!("../contracts/rallyhere-login-errors-spec-only.csv"))
}

/// Both.
pub(crate) fn login_codes() -> Vec<[&'static str; 3]> {
    [base_login_codes(), newest_login_codes()].concat()
}

/// `code,endpoint,status,classification,kind` of RallyHere's other codes.
pub(crate) fn other_codes() -> Vec<[&'static str; 5]> {
    rows(include_str!("../contracts/rallyhere-other-codes.csv"))
}

/// `call,status,code,kind,how` of the Xsolla calls built.
pub(crate) fn xsolla_rows() -> Vec<[&'static str; 5]> {
    rows(include_str!("../contracts/xsolla-status.csv"))
}

/// `code,http,kind` of the codes of xsolla.md §4.
pub(crate) fn xsolla_codes() -> Vec<[&'static str; 3]> {
    rows(include_str!("../contracts/xsolla-codes.csv"))
}

/// The kind table of architecture.md, decision 3, written out.
pub(crate) fn kind_of_class(class: &str) -> &'static str {
    match class {
        "retry_later" => "busy",
        "retry_with_new_platform_token" => "platform-ticket",
        "user_action_agreements" => "agreements",
        "user_action_credentials" => "credentials",
        "restricted" => "restricted",
        "platform_disabled" => "platform-disabled",
        "configuration" => "configuration",
        "session_expired" => "session-over",
        "not_linked_or_unknown" => "not-found",
        "internal" => "service",
        other => panic!("{other} is no class of rallyhere.md §3.1"),
    }
}

/// `ps4_v1_token_empty` as the variant's name: `Ps4V1TokenEmpty`.
pub(crate) fn variant_of(code: &str) -> String {
    code.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// `name,numeric_code` of PlayFab's errors.
pub(crate) fn playfab_errors() -> Vec<(&'static str, u32)> {
    rows(include_str!("../contracts/playfab-errors.csv")).into_iter().map(|[name, code]| (name, number(code))).collect()
}

/// Class and kind of a PlayFab error.
pub(crate) fn playfab_kind(name: &str) -> (&'static str, &'static str) {
    let rows: Vec<[&str; 3]> = rows(include_str!("../contracts/playfab-kinds.csv"));
    let row = rows.into_iter().find(|[other, ..]| *other == name).unwrap_or_else(|| panic!("no kind for {name}"));
    (row[1], row[2])
}

/// A login, link or unlink call of PlayFab.
pub(crate) struct PlayFabOperation {
    /// `Client` or `Server`.
    pub(crate) api: &'static str,
    pub(crate) operation: &'static str,
    /// `none`, `ticket` or `secret`.
    pub(crate) auth: &'static str,
    pub(crate) required: Vec<&'static str>,
    pub(crate) optional: Vec<&'static str>,
    errors: &'static str,
}

impl PlayFabOperation {
    /// The errors it names.
    pub(crate) fn errors(&self) -> Vec<(&'static str, u32)> {
        list(self.errors)
            .into_iter()
            .map(|error| error.split_once(':').expect("name:number"))
            .map(|(name, code)| (name, number(code)))
            .collect()
    }
}

/// All 87.
pub(crate) fn playfab_operations() -> Vec<PlayFabOperation> {
    let shared = |letters: &str| match letters {
        "CT" => "CustomTags",
        "IR" => "InfoRequestParameters",
        "LT" => "LoginTitlePlayerAccountEntity",
        "ER" => "EncryptedRequest",
        "PS" => "PlayerSecret",
        other => panic!("{other} is no letter of playfab.md §4"),
    };
    rows(include_str!("../contracts/playfab-operations.csv"))
        .into_iter()
        .map(|[api, operation, auth, required, optional, letters, errors]| PlayFabOperation {
            api,
            operation,
            auth,
            required: list(required),
            optional: list(optional).into_iter().chain(list(letters).into_iter().map(shared)).collect(),
            errors,
        })
        .collect()
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').filter(|item| !item.is_empty()).collect()
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}
