use super::{answer, content};
use crate::operation::{Operation, Who};
use crate::problems::{of_members, of_no_queries, of_queries, of_undos};

/// Returns the operations on the history.
pub fn all() -> Vec<Operation> {
    vec![list(), undo()]
}

fn list() -> Operation {
    let mut problems = of_members();
    problems.extend(of_queries());
    Operation {
        method: "GET",
        path: "/{org_id}/-/history",
        id: "history",
        tag: "History",
        summary: "List changes",
        description: "Returns who changed which link of the organization, newest first, one page at a time. A record has the \
                      values before and after the change: all of a new or deleted link, and those that changed of an edited \
                      one. With `creator` or `change`, a page can be short or empty although there are more: continue until \
                      `next_cursor` is null. A new record can take a moment to appear. Records are kept for 400 days, unless \
                      the operator chose another period."
            .to_owned(),
        who: Who::Members,
        parameters: &["history_limit", "cursor", "link", "changed_by", "kind_of_change"],
        body: None,
        success: vec![(200, answer("A page of records.", &[], content("application/json", "History", &["history"])))],
        problems,
    }
}

fn undo() -> Operation {
    let mut problems = of_members();
    problems.push(of_no_queries());
    problems.extend(of_undos());
    let headers = [("ETag", "ETag"), ("Signpost-Change", "SignpostChange")];
    Operation {
        method: "POST",
        path: "/{org_id}/-/history/{record}/undo",
        id: "historyUndo",
        tag: "History",
        summary: "Undo a change",
        description: "Undoes one change and returns the link. A deleted link comes back with its clicks; this works for 30 days \
                      and while its slug is free. An edit is undone if all values that it changed are still the same; \
                      otherwise the response is 409, and `errors` lists the others. Undoing the creation of a link deletes \
                      it, and returns it as it was. Members can undo changes of their own links, except hand-overs; admins \
                      and owners can undo any. An undo is a change like any other, and can be undone too."
            .to_owned(),
        who: Who::Members,
        parameters: &[],
        body: None,
        success: vec![(200, answer("The link.", &headers, content("application/json", "Link", &["link"])))],
        problems,
    }
}
