use serde_json::{Value, json};
use shared::error::{ApiError, Fault, Unauthenticated};
use shared::http::Problem;
use shared::model::{Invalid, Slug, TargetRules};
use shared::store::{ChangeError, UndoError};

/// Errors that every route with access to a table or the provider can return.
pub fn of_all() -> Vec<ApiError> {
    vec![internal(), ApiError::Unavailable(String::new())]
}

/// Errors of every route that authenticates the caller.
pub fn of_callers() -> Vec<ApiError> {
    let mut problems = vec![
        ApiError::Unauthenticated(Unauthenticated::Missing),
        ApiError::Unauthenticated(Unauthenticated::SessionExpired),
        ApiError::Unauthenticated(Unauthenticated::Invalid),
        ApiError::Unauthenticated(Unauthenticated::Expired),
        ApiError::RateLimited { seconds: 30 },
    ];
    problems.extend(of_all());
    problems
}

/// Errors of every route for members of an organization.
pub fn of_members() -> Vec<ApiError> {
    let mut problems = vec![ApiError::handle_for_an_id()];
    problems.extend(of_callers());
    problems.push(ApiError::not_a_member());
    problems
}

/// Errors of every route that reads a body.
pub fn of_bodies() -> Vec<ApiError> {
    let url = TargetRules::default().parse("ftp://example.com", &[]).err();
    let slug = Slug::try_from("-".to_owned()).err();
    let faults = [("/url", url), ("/id", slug)].into_iter();
    vec![
        of_no_queries(),
        ApiError::MalformedBody("The body is not valid JSON (line 1, column 9).".to_owned()),
        ApiError::PayloadTooLarge,
        ApiError::UnsupportedMediaType,
        ApiError::ValidationFailed(
            faults.filter_map(|(pointer, invalid)| Some(Fault::new(pointer, invalid?))).collect(),
        ),
    ]
}

/// The error of a route without query parameters.
pub fn of_no_queries() -> ApiError {
    let unknown = Invalid::new("unknown_parameter", "unknown parameter");
    ApiError::InvalidQuery(vec![Fault::new("utm_source", unknown)])
}

/// Errors in the query parameters of a list.
pub fn of_queries() -> Vec<ApiError> {
    let range = Invalid::new("out_of_range", "limit must be a number from 1 to 100");
    vec![ApiError::InvalidQuery(vec![Fault::new("limit", range)]), ApiError::InvalidCursor]
}

/// The error for invalid query parameters of a QR code.
pub fn of_pictures() -> ApiError {
    let range = Invalid::new("out_of_range", "size must be a number of pixels from 128 to 2048");
    ApiError::InvalidQuery(vec![Fault::new("size", range)])
}

/// Returns the error for an invalid range of days.
pub fn of_ranges() -> ApiError {
    let range = Invalid::new("out_of_range", "the range ends before it begins");
    ApiError::InvalidQuery(vec![Fault::new("from", range)])
}

/// Errors of an import.
pub fn of_imports() -> Vec<ApiError> {
    let range = Invalid::new("out_of_range", "limit must be a number from 1 to 1000");
    vec![
        ApiError::InvalidQuery(vec![Fault::new("limit", range)]),
        ApiError::UnreadableFile("The file is empty; export it again.".to_owned()),
        ApiError::FileTooLarge,
    ]
}

/// Errors of every route that changes a link.
pub fn of_changes() -> Vec<ApiError> {
    vec![
        ChangeError::NotYours.into(),
        ApiError::NotFound,
        ApiError::invalid_if_match(),
        ApiError::PreconditionFailed,
    ]
}

/// Errors of an undo.
pub fn of_undos() -> Vec<ApiError> {
    vec![
        ApiError::MalformedBody("The body is not valid JSON (line 1, column 9).".to_owned()),
        ApiError::PayloadTooLarge,
        ApiError::UnsupportedMediaType,
        ApiError::ValidationFailed(vec![Fault::new("/id", Invalid::new("unknown_field", "unknown field"))]),
        ApiError::NoSuchRecord,
        UndoError::NotYours.into(),
        UndoError::NotAManager.into(),
        ApiError::AlreadyUndone,
        UndoError::ChangedSince(vec!["url".to_owned()]).into(),
        ApiError::LinkMissing,
        slug_taken(),
        ApiError::UndoExpired,
    ]
}

/// The error for a method that a path does not support.
pub fn of_other_methods() -> ApiError {
    ApiError::MethodNotAllowed { allow: "GET, HEAD" }
}

/// Returns an example of a problem.
pub fn example(problem: &ApiError) -> Value {
    json!({ "summary": problem.detail(), "value": Problem::new(problem) })
}

/// Errors of every route that follows a link.
pub fn of_visits() -> Vec<ApiError> {
    vec![ApiError::NotFound, ApiError::LinkDisabled, ApiError::LinkExpired]
}

/// The error for a slug that already belongs to another link.
pub fn slug_taken() -> ApiError {
    ApiError::SlugTaken { suggested_id: "launch-2".parse().ok() }
}

/// The internal error.
pub fn internal() -> ApiError {
    ApiError::Internal(String::new())
}
