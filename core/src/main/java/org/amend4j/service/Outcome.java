package org.amend4j.service;

import java.nio.file.Path;
import org.amend4j.certificate.Certificate;
import org.amend4j.unlearn.Plan;

/** What became of requests. */
public sealed interface Outcome {

    /**
     * A new model was released.
     *
     * @param folder its files, the certificate among them
     */
    record Released(int number, Path folder, Certificate certificate) implements Outcome {}

    /** No way was chosen; the requests are refused, and the model is as it was. */
    record Refused(Plan plan) implements Outcome {}

    /** There was nothing to do: all of them were forgotten before. */
    record NothingPending() implements Outcome {}
}
