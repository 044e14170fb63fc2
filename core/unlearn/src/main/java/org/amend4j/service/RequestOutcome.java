/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.nio.file.Path;
import java.util.List;
import org.amend4j.certificate.Certificate;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;
import org.amend4j.unlearn.UnlearningPlan;

/** The outcome of requests. */
public sealed interface RequestOutcome extends HtmlView {

    /**
     * A new model was released.
     *
     * @param folder its files, the certificate among them
     * @param refused requests that could not be met together with the others, in the order in which they came; for a deletion that was
     *     finished after a crash, they are only in the ledger
     */
    record Released(int number, Path folder, Certificate certificate, List<Refusal> refused) implements RequestOutcome {

        /** Copies the list. */
        public Released {
            refused = List.copyOf(refused);
        }

        Released with(List<Refusal> others) {
            return new Released(number, folder, certificate, others);
        }

        /** Shows the certificate and what was refused; no subject is named. */
        @Override
        public String toHtml() {
            Html html = Html.fragment()
                    .element("p", "Released: model " + number + ".")
                    .view(certificate);
            refused.forEach(refusal -> html.element("p", sentence(refusal)));
            return html.markup();
        }
    }

    /**
     * No method was chosen for any of the requests; they are refused, and the model is as it was.
     *
     * @param plan of all of them together
     * @param refused all of them, in the order in which they came
     */
    record Refused(UnlearningPlan plan, List<Refusal> refused) implements RequestOutcome {

        /** Copies the list. */
        public Refused {
            refused = List.copyOf(refused);
        }

        /** Shows the reason and the plan; no subject is named. */
        @Override
        public String toHtml() {
            Html html = Html.fragment();
            refused.forEach(refusal -> html.element("p", saidByPlan(refusal) ? brief(refusal) : sentence(refusal)));
            return html.view(plan).markup();
        }

        private boolean saidByPlan(Refusal refusal) {
            return plan.isRefused() && refusal.reason().equals(plan.obstacle());
        }
    }

    /** There was nothing to do: all of them were forgotten before. */
    record NothingPending() implements RequestOutcome {

        @Override
        public String toHtml() {
            return Html.fragment()
                    .element("p", "There was nothing to do: all of them were forgotten before.")
                    .markup();
        }
    }

    private static String sentence(Refusal refusal) {
        return "Refused: request " + refusal.ticket() + ": " + refusal.reason();
    }

    private static String brief(Refusal refusal) {
        return "Refused: request " + refusal.ticket() + ", for the reason below.";
    }
}
