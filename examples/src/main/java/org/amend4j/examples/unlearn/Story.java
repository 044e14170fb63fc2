package org.amend4j.examples.unlearn;

import java.util.List;

/** What the demo found. */
record Story(CertifiedPart certified, ExactPart exact, RefusedPart refused, TablePart table, AuditPart audit) {

    List<Part> parts() {
        return List.of(certified, exact, refused, table, audit);
    }
}
