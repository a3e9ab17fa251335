//! One part of a transaction: the write of one item. Its condition is that the item does not exist yet, or that the link
//! in the item still has the version that was read.

use super::item::{Attributes, attribute};
use super::record;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

/// Returns a write that puts an item, on the condition that the item does not exist yet.
pub fn put_new(table: &str, item: Attributes) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#id)")
        .expression_attribute_names("#id", attribute::ID)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Returns the update that changes a link's item from `old` to `new`. It writes only attributes that differ. Otherwise a
/// name that an operator removes at the same time would reappear.
pub fn update(table: &str, old: &Attributes, new: &Attributes) -> Result<TransactWriteItem, BuildError> {
    let unchanged = Unchanged::since(old);
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(key_of(old)))
        .condition_expression(unchanged.expression);
    for (placeholder, name) in unchanged.names {
        update = update.expression_attribute_names(placeholder, name);
    }
    for (placeholder, value) in unchanged.values {
        update = update.expression_attribute_values(placeholder, value);
    }
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for (index, (name, value)) in record::differences(old, new).into_iter().enumerate() {
        update = update.expression_attribute_names(format!("#{index}"), name);
        match value {
            Some(value) => {
                set.push(format!("#{index} = :{index}"));
                update = update.expression_attribute_values(format!(":{index}"), value.clone());
            }
            None => remove.push(format!("#{index}")),
        }
    }
    // The `SET` is never empty, because each version has a different number.
    let set = format!("SET {}", set.join(", "));
    let expression = if remove.is_empty() { set } else { format!("{set} REMOVE {}", remove.join(", ")) };
    Ok(TransactWriteItem::builder().update(update.update_expression(expression).build()?).build())
}

/// Returns the write that replaces a link's item with another item.
pub fn replace(table: &str, old: &Attributes, item: Attributes) -> Result<TransactWriteItem, BuildError> {
    let unchanged = Unchanged::since(old);
    let mut put =
        Put::builder().table_name(table).set_item(Some(item)).condition_expression(unchanged.expression);
    for (placeholder, name) in unchanged.names {
        put = put.expression_attribute_names(placeholder, name);
    }
    for (placeholder, value) in unchanged.values {
        put = put.expression_attribute_values(placeholder, value);
    }
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

/// The deletion of a link's item.
pub fn delete(table: &str, old: &Attributes) -> Result<TransactWriteItem, BuildError> {
    let unchanged = Unchanged::since(old);
    let mut delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key_of(old)))
        .condition_expression(unchanged.expression);
    for (placeholder, name) in unchanged.names {
        delete = delete.expression_attribute_names(placeholder, name);
    }
    for (placeholder, value) in unchanged.values {
        delete = delete.expression_attribute_values(placeholder, value);
    }
    Ok(TransactWriteItem::builder().delete(delete.build()?).build())
}

/// The condition that the link in the table still has the version that was read.
struct Unchanged {
    expression: String,
    names: Vec<(String, &'static str)>,
    values: Vec<(String, AttributeValue)>,
}

impl Unchanged {
    /// A link without a stored birth is identified by its creation time.
    fn since(old: &Attributes) -> Self {
        let (mut terms, mut names, mut values) =
            (vec!["attribute_exists(#id)".to_owned()], vec![("#id".to_owned(), attribute::ID)], Vec::new());
        for name in [attribute::BIRTH, attribute::CREATED_AT, attribute::VERSION] {
            match old.get(name) {
                Some(value) => {
                    terms.push(format!("#{name} = :{name}"));
                    values.push((format!(":{name}"), value.clone()));
                }
                None => terms.push(format!("attribute_not_exists(#{name})")),
            }
            names.push((format!("#{name}"), name));
        }
        Self { expression: terms.join(" AND "), names, values }
    }
}

fn key_of(item: &Attributes) -> Attributes {
    let key = [attribute::ORG_ID, attribute::ID];
    key.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect()
}
