package org.amend4j.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.examples.forget.VerifyJob;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.amend4j.verify.VerificationReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks certificates. */
@Command(
        name = "verify",
        description =
                "Checks certificates: form, signature, every number that can be computed again, and what they say of"
                        + " files at hand. Needs neither data nor secret keys. Exit code 2 if one is not valid, 3 if nothing is"
                        + " wrong but the issuer's key was not given, so that anybody can have signed.")
final class UnlearnVerifyCommand extends Job {

    @Parameters(
            paramLabel = "PATH",
            description = "What unlearn train made, for all certificates of its releases; or one release; or one"
                    + " certificate.json.")
    private Path path = Path.of("");

    @Option(
            names = "--public-key",
            paramLabel = "KEY",
            description = "The issuer's public key, known from elsewhere: base64, or a file that holds it.")
    private @Nullable String publicKey;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description =
                    "The ledger of requests, deletions.jsonl (default: the one in PATH, if it is a whole folder).")
    private @Nullable Path ledger;

    @Option(
            names = "--opening",
            paramLabel = "FILE",
            description =
                    "What unlearn open made for an auditor: which records were deleted, of the newest certificate.")
    private @Nullable Path opening;

    /** Nothing is wrong, but nothing shows who signed. */
    private static final int UNAUTHENTICATED = 3;

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        return new VerifyJob(key(), Optional.ofNullable(ledger), Optional.ofNullable(opening)).verify(path);
    }

    private Optional<String> key() throws IOException {
        if (publicKey == null || publicKey.endsWith("=")) {
            return Optional.ofNullable(publicKey);
        }
        Path file = Path.of(publicKey);
        return Optional.of(Files.isRegularFile(file) ? Files.readString(file).strip() : publicKey);
    }

    @Override
    int exitCode(Report report) {
        return switch (VerificationReport.Result.valueOf(
                String.valueOf(report.facts().get("result")))) {
            case VALID -> 0;
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case NOT_VALID -> Amend4j.BAD_INPUT;
        };
    }
}
