package org.amend4j.examples.unlearn;

import java.util.List;

/** What the demo found. */
record Story(ExactPart exact, CertifiedPart certified, RefusedPart refused, TablePart table, AuditPart audit) {

    List<Part> parts() {
        return List.of(exact, certified, refused, table, audit);
    }
}
