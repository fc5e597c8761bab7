//! 服务基层 Grass-roots service: also 科技特派员 and 一带一路 (seed 003 八(一); domain.md 5.8 no. 14).

use super::field::{Line, Paragraphs, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 类型.
    ServiceKind {
        Grassroots = "grassroots", "服务基层", "Grass roots";
        TechnologyEnvoy = "technology_envoy", "科技特派员", "Technology envoy";
        BeltAndRoad = "belt_and_road", "一带一路", "Belt and road";
        Other = "other", "其他", "Other";
    }
}
choices!(ServiceKind);

super::section! {
    /// A service.
    GrassrootsService {
        /// 类型.
        kind: Option<ServiceKind>,
        /// 起.
        from: Option<NaiveDate>,
        /// 止.
        to: Option<NaiveDate>,
        /// 单位.
        place: Option<Line<200>>,
        /// 效果.
        effect: Option<Paragraphs<2000>>,
    }
    rule |it, pointer, checks| super::in_order(checks, &format!("{pointer}/to"), it.from, it.to);
}
