//! One question for all who ask at the same time.

use std::future::Future;

use tokio::sync::{mpsc, oneshot};

/// How often others that are ready to run are let ask before the question is put.
const YIELDS: u32 = 3;

/// Asks for many at once. Who asks while a question is under way is asked for with the next one, along with all who came
/// meanwhile: the more there are, the fewer round trips each of them takes. Nothing is remembered: an answer is always read after
/// it was asked for.
#[derive(Debug)]
pub struct Gather<Q, A>(mpsc::UnboundedSender<Waiting<Q, A>>);

/// A question, and who waits for its answer.
type Waiting<Q, A> = (Q, oneshot::Sender<A>);

impl<Q: Send + 'static, A: Send + 'static> Gather<Q, A> {
    /// Begins to gather, at most `at_once_max` questions at a time, as a task of this runtime that ends with the last handle.
    /// `ask` answers as many questions in their order, or gives nothing where it cannot.
    pub fn start<Asked>(at_once_max: usize, ask: impl Fn(Vec<Q>) -> Asked + Send + 'static) -> Self
    where
        Asked: Future<Output = Option<Vec<A>>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(answer(receiver, at_once_max, ask));
        Self(sender)
    }

    /// The answer; none where it could not be had this way: ask for yourself, and hear why.
    pub async fn ask(&self, question: Q) -> Option<A> {
        let (answered, answer) = oneshot::channel();
        self.0.send((question, answered)).ok()?;
        answer.await.ok()
    }
}

impl<Q, A> Clone for Gather<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

async fn answer<Q, A, Asked>(
    mut receiver: mpsc::UnboundedReceiver<Waiting<Q, A>>,
    at_once_max: usize,
    ask: impl Fn(Vec<Q>) -> Asked,
) where
    Asked: Future<Output = Option<Vec<A>>>,
{
    while let Some(first) = receiver.recv().await {
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        let (mut questions, mut waiting) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some((question, answered)) = next {
            // who went away meanwhile needs no answer
            if !answered.is_closed() {
                questions.push(question);
                waiting.push(answered);
            }
            next = if questions.len() < at_once_max { receiver.try_recv().ok() } else { None };
        }
        let many = questions.len();
        if many == 0 {
            continue;
        }
        let answers = ask(questions).await.filter(|answers| answers.len() == many);
        for (answered, answer) in waiting.into_iter().zip(answers.into_iter().flatten()) {
            // who went away meanwhile is not there to be told
            let _ = answered.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::JoinSet;

    /// Doubles what it is asked; gives nothing once a 13 is among it. Counts how often it is asked.
    fn doubling(at_once_max: usize) -> (Gather<u32, u32>, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let gather = Gather::start(at_once_max, move |numbers: Vec<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                (!numbers.contains(&13)).then(|| numbers.iter().map(|number| number * 2).collect())
            }
        });
        (gather, asked)
    }

    #[tokio::test]
    async fn everybody_gets_their_own_answer_and_many_share_a_question() {
        let (gather, asked) = doubling(64);
        let mut asking = JoinSet::new();
        for number in 100..200 {
            let gather = gather.clone();
            asking.spawn(async move { (number, gather.ask(number).await) });
        }
        for (number, answer) in asking.join_all().await {
            assert_eq!(answer, Some(number * 2));
        }
        assert!(asked.load(Ordering::Relaxed) < 20, "{asked:?} questions for a hundred");
    }

    #[tokio::test]
    async fn no_more_are_asked_for_at_once_than_may_be() {
        let (gather, asked) = doubling(1);
        let (one, two) = tokio::join!(gather.ask(1), gather.ask(2));
        assert_eq!((one, two, asked.load(Ordering::Relaxed)), (Some(2), Some(4), 2));
    }

    #[tokio::test]
    async fn a_question_that_fails_ends_nothing() {
        let (gather, _) = doubling(64);
        assert_eq!(tokio::join!(gather.ask(1), gather.ask(13)), (None, None));
        assert_eq!(gather.ask(1).await, Some(2));
    }
}
