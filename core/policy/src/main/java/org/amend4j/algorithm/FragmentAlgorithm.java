/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.RolloutSegment;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;

/** An algorithm that learns from the next steps of several parallel environments, with the policy's value output as critic. */
public abstract sealed class FragmentAlgorithm extends Algorithm permits A2c, Ppo {

    final GradientAscent climber;
    private final FragmentConfig<?> config;
    private final FragmentCollector collector;

    /**
     * @throws IllegalArgumentException if policy and environment do not belong together, or the policy has a memory or no
     *     value output
     */
    FragmentAlgorithm(FragmentConfig<?> config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        Settings.requireValue(policy);
        this.config = config;
        collector = CollectorState.begin(config.fragments(), task, seeds);
        try {
            collector.requireFor(policy);
            climber = new GradientAscent(policy, config.climb());
        } catch (RuntimeException e) {
            collector.close();
            throw e;
        }
    }

    @Override
    public final void close() {
        collector.close();
    }

    /** What an update learns from. */
    final RolloutSegment collect(long update) {
        return collector.collect(
                occasion(update), policy, config.fragments().steps(), seeds.seed(Purpose.ACTIONS, update));
    }

    @Override
    public final List<String> effects() {
        List<EffectOnGuarantee> effects = new ArrayList<>(ownEffects());
        config.fragments().addEffects(effects);
        Settings.addEffects(effects, policy, config.terms(), config.climb());
        return Settings.sentences(effects);
    }

    /** What the algorithm itself does to the guarantee, apart from its settings. */
    abstract List<EffectOnGuarantee> ownEffects();

    @Override
    protected final void save(TrainingState state) {
        climber.save(state);
        CollectorState.save(collector, state);
    }

    @Override
    protected final void load(TrainingState state) {
        climber.restore(state);
        CollectorState.restore(collector, state);
    }
}
