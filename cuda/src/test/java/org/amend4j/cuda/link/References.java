/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.link;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import org.amend4j.cuda.link.Reference.Kind;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Collects what compiled classes refer to: everything the JVM would look up when their code runs. */
final class References {

    private final Set<Reference> found = new LinkedHashSet<>();

    Set<Reference> found() {
        return found;
    }

    /** Reads a class file. */
    void add(InputStream classFile) throws IOException {
        ClassReader reader = new ClassReader(classFile);
        reader.accept(new Classes(reader.getClassName()), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    }

    private final class Classes extends ClassVisitor {

        private final String from;

        Classes(String from) {
            super(Opcodes.ASM9);
            this.from = from;
        }

        @Override
        public void visit(int version, int access, String name, String sign, String parent, String[] interfaces) {
            type(from, parent);
            for (String each : interfaces) {
                type(from, each);
            }
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String sign, String[] thrown) {
            return new Code(from);
        }
    }

    private final class Code extends MethodVisitor {

        private final String from;

        Code(String from) {
            super(Opcodes.ASM9);
            this.from = from;
        }

        @Override
        public void visitMethodInsn(int code, String owner, String name, String descriptor, boolean ofInterface) {
            boolean isStatic = code == Opcodes.INVOKESTATIC;
            member(from, owner, name + descriptor, isStatic ? Kind.STATIC_METHOD : Kind.INSTANCE_METHOD);
        }

        @Override
        public void visitFieldInsn(int code, String owner, String name, String descriptor) {
            boolean isStatic = code == Opcodes.GETSTATIC || code == Opcodes.PUTSTATIC;
            member(from, owner, name + ":" + descriptor, isStatic ? Kind.STATIC_FIELD : Kind.INSTANCE_FIELD);
        }

        @Override
        public void visitTypeInsn(int code, String type) {
            type(from, type);
        }

        @Override
        public void visitLdcInsn(Object value) {
            if (value instanceof Type type) {
                type(from, type.getSort() == Type.METHOD ? "java/lang/Object" : type.getInternalName());
            }
        }

        @Override
        public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
            if (type != null) {
                type(from, type);
            }
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle handle) {
                    handle(handle);
                }
            }
        }

        private void handle(Handle handle) {
            boolean isStatic = handle.getTag() == Opcodes.H_INVOKESTATIC;
            if (handle.getTag() >= Opcodes.H_INVOKEVIRTUAL) {
                member(
                        from,
                        handle.getOwner(),
                        handle.getName() + handle.getDesc(),
                        isStatic ? Kind.STATIC_METHOD : Kind.INSTANCE_METHOD);
            }
        }
    }

    private void type(String from, String type) {
        String element =
                type.startsWith("[") ? Type.getType(type).getElementType().getInternalName() : type;
        found.add(new Reference(from, element, "", Kind.CLASS));
    }

    private void member(String from, String owner, String member, Kind kind) {
        if (!owner.startsWith("[")) {
            found.add(new Reference(from, owner, member, kind));
        }
    }
}
