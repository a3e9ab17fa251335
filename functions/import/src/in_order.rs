use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

/// Runs tasks, up to `max` of them concurrently, and returns their results in order. Tasks begin in order: the first
/// `max` in any case, and further ones while `is_early` returns true. If a task fails, returns the results of the tasks
/// before it, and the error.
pub async fn in_order<T, E, F>(
    tasks: impl IntoIterator<Item = F>,
    max: usize,
    is_early: impl Fn() -> bool,
) -> (Vec<T>, Option<E>)
where
    F: Future<Output = Result<T, E>>,
{
    let mut tasks = tasks.into_iter();
    let mut running: FuturesOrdered<F> = tasks.by_ref().take(max).collect();
    let mut results = Vec::new();
    while let Some(result) = running.next().await {
        match result {
            Ok(result) => results.push(result),
            Err(error) => return (results, Some(error)),
        }
        if is_early() {
            running.extend(tasks.next());
        }
    }
    (results, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn results_are_in_order_and_no_more_than_the_maximum_run_at_a_time() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let tasks = (0..100_u64).map(|task| {
            let (running, most) = (&running, &most);
            async move {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                sleep(Duration::from_millis(1 + task * 37 % 10)).await;
                running.set(running.get() - 1);
                Ok::<_, ()>(task)
            }
        });
        let (results, error) = in_order(tasks, 16, || true).await;
        assert_eq!((results, error), ((0..100).collect(), None));
        assert_eq!(most.get(), 16);
    }

    #[tokio::test(start_paused = true)]
    async fn once_time_is_over_no_task_is_begun_and_those_that_were_are_finished() {
        for (limit, done) in [(0, 4), (1, 4), (2500, 12), (3500, 16)] {
            let started = Instant::now();
            let begun = RefCell::new(Vec::new());
            let tasks = (0..100).map(|task| {
                begun.borrow_mut().push(task);
                async move {
                    sleep(Duration::from_secs(1)).await;
                    Ok::<_, ()>(task)
                }
            });
            let is_early = || started.elapsed() < Duration::from_millis(limit);
            let (results, error) = in_order(tasks, 4, is_early).await;
            assert_eq!((results, error), ((0..done).collect(), None), "{limit}");
            assert_eq!(*begun.borrow(), (0..done).collect::<Vec<_>>());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_error_in_order_ends_it_with_the_results_before() {
        let tasks = (0..50).map(async |task| match task {
            20 => {
                sleep(Duration::from_secs(9)).await;
                Err("twenty")
            }
            25 => Err("twenty-five"),
            _ => Ok(task),
        });
        assert_eq!(in_order(tasks, 16, || true).await, ((0..20).collect(), Some("twenty")));
        assert_eq!(in_order((0..0).map(async |task| Ok::<_, ()>(task)), 16, || true).await, (vec![], None));
    }
}
