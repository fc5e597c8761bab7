//! What was published: message n of the stream is that of position n, none is missing, and none is of another log (no hole in what
//! was published). How far publication has come is no fault: it may be late.

use super::{Check, Checked, Look, System};
use crate::error::Error;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use zhicheng_bus::{Heard, Published as Stream, StreamError};
use zhicheng_eventstore::RecordedEvent;

/// How many events of the log are read in one go.
const PAGE_EVENTS: u32 = 1_000;

/// The stream on the broker.
pub(super) struct Published;

impl Look for Published {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Published);
            match begin(system).await {
                Ok(stream) => {
                    if let Err(error) = compare(system, stream, &mut checked).await {
                        checked.broke_off(&error);
                    }
                }
                Err(why) => checked.unchecked = Some(why),
            }
            vec![checked]
        })
    }
}

/// Begins to read the stream; none where nothing was ever published. In words, why it cannot be read.
pub(super) async fn begin(system: &System<'_>) -> Result<Option<Stream>, String> {
    let Some(broker) = &system.scope.broker else { return Err("没有消息服务器".to_owned()) };
    Stream::begin(broker).await.map_err(|error| match std::error::Error::source(&error) {
        Some(cause) => format!("消息服务器不可用：{error}：{cause}"),
        None => format!("消息服务器不可用：{error}"),
    })
}

/// Why the comparison broke off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Log(#[from] Error),
}

async fn compare(system: &System<'_>, stream: Option<Stream>, checked: &mut Checked) -> Result<(), Trouble> {
    let Some(mut stream) = stream else {
        checked.notes.push("还没有发布过消息".to_owned());
        return Ok(());
    };
    let mut due = 1;
    let mut log = Log { page: VecDeque::new(), position: 0 };
    while let Some(heard) = stream.next().await? {
        if heard.number > due {
            checked.fault(format!("消息 {due} 至 {} 不见了", heard.number - 1));
        }
        due = heard.number + 1;
        let event = log.event(system, heard.number).await?;
        checked
            .expect(event.as_ref().is_some_and(|event| heard.is_of(event)), || wrong(&heard, event.as_ref()));
        system.tell("消息", heard.number, stream.last());
    }
    if due <= stream.last() {
        checked.fault(format!("消息 {due} 至 {} 不见了", stream.last()));
    }
    checked.notes.push(format!("发布到位置 {}，日志到 {}", stream.last(), system.head));
    Ok(())
}

fn wrong(heard: &Heard, event: Option<&RecordedEvent>) -> String {
    match event {
        Some(event) => format!("消息 {} 说的不是日志中的事件（{}）", heard.number, event.event_type),
        None => format!("消息 {} 在日志结束之后", heard.number),
    }
}

/// The log beside it, in pages.
struct Log {
    page: VecDeque<RecordedEvent>,
    position: i64,
}

impl Log {
    /// The event at a position behind those asked for before; none beyond the end, which is asked anew: the log grows meanwhile.
    async fn event(&mut self, system: &System<'_>, position: i64) -> Result<Option<RecordedEvent>, Error> {
        loop {
            while let Some(event) = self.page.pop_front() {
                if event.position == position {
                    return Ok(Some(event));
                }
                if event.position > position {
                    self.page.push_front(event);
                    return Ok(None);
                }
            }
            self.position = self.position.max(position - 1);
            let page = system.app.store().read_stored_after(self.position, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { return Ok(None) };
            self.position = last.position;
            self.page.extend(page);
        }
    }
}
