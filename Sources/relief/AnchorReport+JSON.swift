import Fusion
import Scenes

extension AnchorReport {
  /// The report for JSON.
  var object: [String: Any] {
    [
      "cells": cells, "light": light ?? "", "shift": shift ?? "", "heights": heights,
      "withoutDetail": withoutDetail, "referenceVoids": voids,
      "sources": sources.map { source in
        [
          "name": source.name, "regions": source.tests.count, "usedRegions": source.usedCount,
          "score": source.mean(\.score), "surelyAbove": source.mean(\.surelyAbove),
          "share": source.mean(\.share),
        ] as [String: Any]
      },
    ]
  }
}
