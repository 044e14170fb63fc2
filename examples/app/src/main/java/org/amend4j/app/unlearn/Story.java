/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.List;

/** What the demo found. */
record Story(
        AdapterPart adapter,
        ExactPart exact,
        CertifiedPart certified,
        RefusedPart refused,
        TablePart table,
        AuditPart audit) {

    List<DemoStep> parts() {
        return List.of(adapter, exact, certified, refused, table, audit);
    }

    /** For JSON. */
    record Facts(
            AdapterPart.Facts exactRewindOfAnAdapter,
            ExactPart.Facts exactRewind,
            CertifiedPart.Facts certifiedRewind,
            RefusedPart.Facts refusal,
            TablePart.Facts table,
            AuditPart.Facts audit) {}

    Facts facts() {
        return new Facts(
                adapter.facts(), exact.facts(), certified.facts(), refused.facts(), table.facts(), audit.facts());
    }
}
