package org.amend4j.examples.cli;

import picocli.CommandLine.Command;

@Command(name = "demo", description = "x")
final class DemoCommand extends Job {
    @Override
    Report run(Progress progress) {
        return new Report(java.util.Map.of(), "");
    }
}
