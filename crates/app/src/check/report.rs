//! What was checked and what came of it: the one list of checks, and the result of each.

/// How many faults of one check are told; how many more there are is counted.
pub const FAULTS_TOLD_MAX: usize = 20;

/// Declares the checks from the one list of them: `Variant = "code", "what it is called";`.
macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)+) => {
        /// A check, in the order of the report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $($(#[$doc])* $variant,)+ }

        impl Check {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its stable code, for programs that read the report.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The check of a code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|check| check.code() == code)
            }

            /// What it holds, in the words of the report.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

checks! {
    /// P3: the log is 1, 2, 3 …, and its recorded times never go back.
    Positions = "positions", "日志位置从1起连续，入册时间不倒退";
    /// P3: every stream is 1, 2, 3 ….
    Streams = "streams", "每个聚合的事件从1起连续";
    /// P2: a command id stands in the log once.
    Commands = "commands", "命令标识在日志中只出现一次";
    /// P1: what a repeat is answered with is in the log: the commands' events follow each other without one too many or too few.
    Receipts = "receipts", "每条命令的事件都在其回执的位置上";
    /// P6: every event folds.
    Understood = "understood", "每个事件都能解开、读懂";
    /// The whole history is legal under the rules.
    History = "history", "经过符合规则：动作、环节、角色、暂停";
    /// P3: leaf hashes, root, archived right edges and roots kept elsewhere follow from the stored bytes.
    Root = "root", "叶哈希、默克尔根由存储的字节重新算得，与存档的右缘、另处保存的根一致";
    /// The claims table follows from the log.
    Claims = "claims", "占用表由日志推得";
    /// Certificate numbers are unique, and the same in declaration, certificate and pool.
    Numbers = "numbers", "证书编号唯一，申报、证书、编号池三处一致";
    /// No certificate before filing or final approval, none of one who failed.
    Certificates = "certificates", "备案或终审通过之前没有证书，未通过的没有证书";
    /// Places used never exceed what was approved, nor those promised what the batch's factor allows.
    Quotas = "quotas", "任何时候已用的职数不超过核准数，连同占用的不超过批次差额系数所许";
    /// One vote a judge, candidate and round.
    Ballots = "ballots", "票数等于投票人数，一人一票，均为到会评委，计票无误";
    /// One open declaration a person, year and level.
    OneOpen = "one-open", "同一人同年同级只有一份在办申报";
    /// Every person's key is there, or destroyed where the person was erased.
    Keys = "keys", "未清除的人都有密钥，已清除的都已销毁";
    /// Open ballot rounds could be closed, closed ones left nothing.
    Boxes = "boxes", "投票中的票箱能开箱，已结束的没有留下票箱";
    /// Every material named by an event is there with its digest.
    Materials = "materials", "事件提到的材料都在，摘要相符";
    /// No ID number stands in clear where it has no business.
    IdNumbers = "id-numbers", "日志、读表、占用、服务日志、消息中没有明文身份证号";
    /// No hole in what was published.
    Published = "published", "已发布的消息从1起连续，与日志一致";
    /// P5: every read table that goes on reaches the head within the time that whoever reads by position waits.
    Following = "following", "读表在限时内跟到日志末尾，按位置读取不会过时";
    /// P4: every read table equals a fresh fold.
    Tables = "tables", "读表与日志重新推算的一致";
    /// P1 and P2, from a client's own journal.
    Acknowledged = "acknowledged", "客户端收到答复的命令都在日志中，位置、先后相符";
}

/// One check, with what it counted and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which.
    pub check: Check,
    /// Of what, where there are several: the table, or the place.
    pub of: Option<&'static str>,
    /// How many things.
    pub count: u64,
    /// What is wrong, at most [`FAULTS_TOLD_MAX`]; empty where all is well.
    pub faults: Vec<String>,
    /// How many faults more there are.
    pub more: u64,
    /// Why it could not be made; it says nothing then, neither good nor bad.
    pub unchecked: Option<String>,
    /// What else is worth knowing, and no fault.
    pub notes: Vec<String>,
}

impl Checked {
    pub(super) const fn new(check: Check) -> Self {
        Self { check, of: None, count: 0, faults: Vec::new(), more: 0, unchecked: None, notes: Vec::new() }
    }

    /// Whether something is wrong.
    pub const fn is_dirty(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_TOLD_MAX {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// One more thing, which is as it should be or is not.
    pub(super) fn expect(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        self.count += 1;
        if !holds {
            self.fault(fault());
        }
    }

    /// The check broke off: nobody knows, and that is not good.
    pub(super) fn broke_off(&mut self, error: &dyn std::error::Error) {
        let mut fault = format!("检查中断：{error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            fault.push('：');
            fault.push_str(&error.to_string());
            cause = error.source();
        }
        self.fault(fault);
    }
}
