/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.link;

/**
 * What one class asks of another.
 *
 * @param from who asks
 * @param owner the class asked, with slashes
 * @param member name and descriptor of a field or method; empty for the class itself
 */
record Reference(String from, String owner, String member, Kind kind) {

    /** How it is asked. */
    enum Kind {
        CLASS("class", false),
        STATIC_METHOD("static method", true),
        INSTANCE_METHOD("instance method", false),
        STATIC_FIELD("static field", true),
        INSTANCE_FIELD("instance field", false);

        private final String words;
        private final boolean isStatic;

        Kind(String words, boolean isStatic) {
            this.words = words;
            this.isStatic = isStatic;
        }

        boolean isStatic() {
            return isStatic;
        }
    }

    @Override
    public String toString() {
        return from + " needs " + kind.words + " " + owner + (member.isEmpty() ? "" : "." + member);
    }
}
