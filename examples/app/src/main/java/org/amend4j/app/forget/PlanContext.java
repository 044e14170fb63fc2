/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.privacy.LifetimeBudget;

/** The context of a plan's methods: the basis of its certificates, and the remaining privacy budget. */
final class PlanContext {

    private final Facts facts;
    private final List<String> lines = new ArrayList<>();

    /** For JSON. */
    record Facts(ForgettingSettings.Source planned, Optional<Lifetime> lifetime) {}

    /**
     * What all releases together may tell.
     *
     * @param used so far
     * @param mostOfAPerson epsilon of the forgotten of whom most was told
     */
    record Lifetime(double epsilon, double delta, double used, double left, double mostOfAPerson) {}

    /** Of a trained model. */
    PlanContext(ForgetfulFolder folder) {
        ForgettingSettings.Training training = folder.settings().training();
        if (training.planned() == ForgettingSettings.Source.DERIVED) {
            lines.add(
                    "planned records derived from the table: certificates hold under the assumption that their number, "
                            + training.plannedRecords() + ", was fixed without looking at the records");
        }
        Optional<Lifetime> lifetime = folder.service().lifetime().map(budget -> lifetime(folder, budget));
        lifetime.ifPresent(told -> lines.add(sentence(told)));
        facts = new Facts(training.planned(), lifetime);
    }

    private static Lifetime lifetime(ForgetfulFolder folder, LifetimeBudget budget) {
        return new Lifetime(
                budget.limit().epsilon(),
                budget.limit().delta(),
                budget.usedEpsilon(),
                budget.leftEpsilon(),
                folder.service().toldMost().epsilon(budget.limit().delta()));
    }

    private static String sentence(Lifetime lifetime) {
        return String.format(
                Locale.ROOT,
                "all releases together may have epsilon %.4g at delta %.3g: used %.4g, left %.4g; of the forgotten, the one"
                        + " of whom most was told has %.4g",
                lifetime.epsilon(),
                lifetime.delta(),
                lifetime.used(),
                lifetime.left(),
                lifetime.mostOfAPerson());
    }

    Facts facts() {
        return facts;
    }

    /** The same in words. */
    List<String> lines() {
        return lines;
    }
}
