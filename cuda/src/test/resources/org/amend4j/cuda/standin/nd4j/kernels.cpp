// Host versions of the kernels of libnd4jcuda.so that a small network's training uses, found by the name that each was registered
// with. They take the arguments that the card's would get, and follow the shapes and strides in them.
#include "runtime.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

using namespace standin;

namespace {

typedef long long Long;

// --- arrays

// ND4J's description of an array: rank, shape, strides, type, stride of all elements, order.
struct Shape {
    const Long *info;

    Long rank() const { return info[0]; }
    Long size(Long axis) const { return info[1 + axis]; }
    Long stride(Long axis) const { return info[1 + rank() + axis]; }
    Long element_stride() const { return info[2 * rank() + 2]; }
    char order() const { return char(info[2 * rank() + 3]); }

    Long length() const {
        Long product = 1;
        for (Long axis = 0; axis < rank(); axis++) {
            product *= size(axis);
        }
        return product;
    }

    // Where an element lies, counted with the last axis fastest.
    Long offset(Long index) const {
        Long place = 0;
        for (Long axis = rank() - 1; axis >= 0; axis--) {
            place += index % size(axis) * stride(axis);
            index /= size(axis);
        }
        return place;
    }
};

// How numbers are stored; ND4J's names of its types.
struct Type {
    double (*get)(const void *, Long);
    void (*put)(void *, Long, double);
};

template <class T> Type stored() {
    return {[](const void *from, Long place) { return double(static_cast<const T *>(from)[place]); },
            [](void *to, Long place, double value) { static_cast<T *>(to)[place] = T(value); }};
}

const Type *type(const std::string &name) {
    static const std::map<std::string, Type> TYPES = {
        {"float", stored<float>()},          {"double", stored<double>()},           {"bool", stored<bool>()},
        {"int", stored<int>()},              {"long long", stored<Long>()},          {"short", stored<short>()},
        {"signed char", stored<signed char>()}, {"unsigned char", stored<unsigned char>()}};
    const auto found = TYPES.find(name);
    return found == TYPES.end() ? nullptr : &found->second;
}

// --- functions of numbers, by the names of ND4J's operations

typedef std::function<double(double, double)> Pair;
typedef std::function<double(int)> Parameters;
typedef double (*Single)(double, const Parameters &);

const std::map<std::string, Pair> PAIRS = {
    {"Add", [](double x, double y) { return x + y; }},
    {"Subtract", [](double x, double y) { return x - y; }},
    {"Multiply", [](double x, double y) { return x * y; }},
    {"Divide", [](double x, double y) { return x / y; }},
    {"ReverseSubtract", [](double x, double y) { return y - x; }},
    {"ReverseDivide", [](double x, double y) { return y / x; }},
    {"Copy", [](double, double y) { return y; }},
    {"Copy2", [](double, double y) { return y; }},
    {"CopyPws", [](double, double y) { return y; }},
    {"MaxPairwise", [](double x, double y) { return x > y ? x : y; }},
    {"MinPairwise", [](double x, double y) { return x < y ? x : y; }},
    {"RELU", [](double x, double y) { return x > y ? x : y; }},
    {"RELUDerivative", [](double x, double y) { return x > y ? 1.0 : 0.0; }},
    {"Pow", [](double x, double y) { return std::pow(x, y); }},
    {"SquaredSubtract", [](double x, double y) { return (x - y) * (x - y); }},
    {"Step", [](double x, double y) { return x > y ? 1.0 : 0.0; }},
    {"LessThan", [](double x, double y) { return x < y ? 1.0 : 0.0; }},
    {"LessThanOrEqual", [](double x, double y) { return x <= y ? 1.0 : 0.0; }},
    {"GreaterThan", [](double x, double y) { return x > y ? 1.0 : 0.0; }},
    {"GreaterThanOrEqual", [](double x, double y) { return x >= y ? 1.0 : 0.0; }},
    {"EqualTo", [](double x, double y) { return x == y ? 1.0 : 0.0; }},
    {"NotEqualTo", [](double x, double y) { return x != y ? 1.0 : 0.0; }},
};

// A number is replaced by another where a condition holds: ND4J's numbers of the conditions.
double compared(double x, const Parameters &parameters) {
    const double with = parameters(0), instead = parameters(1), near = parameters(2);
    switch (int(parameters(3))) {
        case 0:
            return std::fabs(x - with) <= near ? instead : x;
        case 1:
            return std::fabs(x - with) > near ? instead : x;
        case 2:
            return x < with ? instead : x;
        case 3:
            return x > with ? instead : x;
        case 4:
            return x <= with ? instead : x;
        case 5:
            return x >= with ? instead : x;
        default:
            return NAN;
    }
}

const std::map<std::string, Single> SINGLES = {
    {"CompareAndSetTransform", compared},
    {"Assign", [](double x, const Parameters &) { return x; }},
    {"Identity", [](double x, const Parameters &) { return x; }},
    {"Neg", [](double x, const Parameters &) { return -x; }},
    {"Abs", [](double x, const Parameters &) { return std::fabs(x); }},
    {"Square", [](double x, const Parameters &) { return x * x; }},
    {"Sqrt", [](double x, const Parameters &) { return std::sqrt(x); }},
    {"Exp", [](double x, const Parameters &) { return std::exp(x); }},
    {"Log", [](double x, const Parameters &) { return std::log(x); }},
    {"Tanh", [](double x, const Parameters &) { return std::tanh(x); }},
    {"TanhDerivative", [](double x, const Parameters &) { return 1 - std::tanh(x) * std::tanh(x); }},
    {"Sigmoid", [](double x, const Parameters &) { return 1 / (1 + std::exp(-x)); }},
    {"Ones", [](double, const Parameters &) { return 1.0; }},
    {"OneMinus", [](double x, const Parameters &) { return 1 - x; }},
};

struct Reduction {
    double start;
    Pair update;                                // the result so far, an element
    std::function<double(double, Long)> finish;  // the result, the number of elements
};

const auto AS_IT_IS = [](double sum, Long) { return sum; };

const std::map<std::string, Reduction> REDUCTIONS = {
    {"Sum", {0, [](double sum, double x) { return sum + x; }, AS_IT_IS}},
    {"Mean", {0, [](double sum, double x) { return sum + x; }, [](double sum, Long n) { return sum / double(n); }}},
    {"Max", {-INFINITY, [](double most, double x) { return std::max(most, x); }, AS_IT_IS}},
    {"Min", {INFINITY, [](double least, double x) { return std::min(least, x); }, AS_IT_IS}},
    {"Prod", {1, [](double product, double x) { return product * x; }, AS_IT_IS}},
    {"Norm1", {0, [](double sum, double x) { return sum + std::fabs(x); }, AS_IT_IS}},
    {"ASum", {0, [](double sum, double x) { return sum + std::fabs(x); }, AS_IT_IS}},
    {"AMean", {0, [](double sum, double x) { return sum + std::fabs(x); }, [](double sum, Long n) { return sum / double(n); }}},
    {"AMax", {0, [](double most, double x) { return std::max(most, std::fabs(x)); }, AS_IT_IS}},
    {"SquaredNorm", {0, [](double sum, double x) { return sum + x * x; }, AS_IT_IS}},
    {"Norm2", {0, [](double sum, double x) { return sum + x * x; }, [](double sum, Long) { return std::sqrt(sum); }}},
    {"CountNonZero", {0, [](double sum, double x) { return sum + (x != 0 ? 1 : 0); }, AS_IT_IS}},
    {"IsNan", {0, [](double sum, double x) { return sum + (std::isnan(x) ? 1 : 0); }, AS_IT_IS}},
    {"IsInf", {0, [](double sum, double x) { return sum + (std::isinf(x) ? 1 : 0); }, AS_IT_IS}},
    {"IsInfOrNan", {0, [](double sum, double x) { return sum + (std::isfinite(x) ? 0 : 1); }, AS_IT_IS}},
};

// --- names: "void scalarSimpleShaped<float, float, float, simdOps::Add<float, float, float> >(void const*, …)"

struct Name {
    std::string kernel;
    std::vector<std::string> types;  // its template's arguments, but for the operation
    std::string operation;
    size_t parameters = 0;
};

// What stands between commas that are in no brackets.
std::vector<std::string> parts(const std::string &list) {
    std::vector<std::string> found;
    std::string part;
    int depth = 0;
    for (char c : list) {
        depth += c == '<' || c == '(' ? 1 : c == '>' || c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
            found.push_back(part);
            part.clear();
        } else if (c != ' ' || !part.empty()) {
            part += c;
        }
    }
    if (!part.empty()) {
        found.push_back(part);
    }
    for (std::string &each : found) {
        each.erase(each.find_last_not_of(' ') + 1);
    }
    return found;
}

// The place of the bracket that closes the one at a place.
size_t closing(const std::string &text, size_t from) {
    int depth = 0;
    for (size_t i = from; i < text.size(); i++) {
        depth += text[i] == '<' || text[i] == '(' ? 1 : text[i] == '>' || text[i] == ')' ? -1 : 0;
        if (depth == 0) {
            return i;
        }
    }
    return std::string::npos;
}

std::string last_word(const std::string &text) {
    const size_t before = text.find_last_of(": ");
    return before == std::string::npos ? text : text.substr(before + 1);
}

Name parsed(const std::string &text) {
    Name name;
    const size_t open = text.find('<'), round = text.find('(');
    if (open == std::string::npos || (round != std::string::npos && round < open)) {
        name.kernel = last_word(text.substr(0, round));
        return name;
    }
    const size_t close = closing(text, open);
    name.kernel = last_word(text.substr(0, open));
    for (const std::string &argument : parts(text.substr(open + 1, close - open - 1))) {
        const size_t operation = argument.find("simdOps::");
        if (operation == 0) {
            name.operation = argument.substr(9, argument.find('<') - 9);
        } else {
            name.types.push_back(argument);
        }
    }
    const size_t list = text.find('(', close);
    if (list != std::string::npos) {
        name.parameters = parts(text.substr(list + 1, closing(text, list) - list - 1)).size();
    }
    return name;
}

// --- kernels

struct Arguments {
    Dim3 grid;
    void **values;

    template <class T = void *> T at(int i) const {
        T value;
        memcpy(&value, values[i], sizeof value);
        return value;
    }
    Shape shape(int i) const { return {at<const Long *>(i)}; }
};

// Whether arrays are gone through as their memory lies; else all of them with the last axis fastest.
bool same_order(std::initializer_list<Shape> shapes) {
    for (const Shape &shape : shapes) {
        if (shape.element_stride() < 1 || shape.order() != shapes.begin()->order()) {
            return false;
        }
    }
    return true;
}

Long place(const Shape &shape, Long index, bool straight) { return straight ? index * shape.element_stride() : shape.offset(index); }

template <class Function> Work done(Function function) {
    return [=]() -> const char * {
        function();
        return nullptr;
    };
}

// z = f(x, y), y one number
Work scalar(const Name &name, const Arguments &arguments) {
    const auto pair = PAIRS.find(name.operation);
    const Type *x = type(name.types[0]), *y = type(name.types[1]), *z = type(name.types[2]);
    if (pair == PAIRS.end() || x == nullptr || y == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *from = arguments.at(0), *number = arguments.at(1);
    void *to = arguments.at(4);
    const Shape shapeX = arguments.shape(2), shapeZ = arguments.shape(5);
    const Pair function = pair->second;
    return done([=] {
        const bool straight = same_order({shapeX, shapeZ});
        const double value = y->get(number, 0);
        for (Long i = 0; i < shapeX.length(); i++) {
            z->put(to, place(shapeZ, i, straight), function(x->get(from, place(shapeX, i, straight)), value));
        }
    });
}

// z = f(x, y), element by element
Work pairwise(const Name &name, const Arguments &arguments) {
    const auto pair = PAIRS.find(name.operation);
    const Type *x = type(name.types[0]), *y = type(name.types[1]), *z = type(name.types[2]);
    if (pair == PAIRS.end() || x == nullptr || y == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *left = arguments.at(0), *right = arguments.at(2);
    void *to = arguments.at(4);
    const Shape shapeX = arguments.shape(1), shapeY = arguments.shape(3), shapeZ = arguments.shape(5);
    const Pair function = pair->second;
    return done([=] {
        const bool straight = same_order({shapeX, shapeY, shapeZ});
        for (Long i = 0; i < shapeX.length(); i++) {
            z->put(to, place(shapeZ, i, straight),
                   function(x->get(left, place(shapeX, i, straight)), y->get(right, place(shapeY, i, straight))));
        }
    });
}

// z = f(x), element by element
Work transform(const Name &name, const Arguments &arguments) {
    const auto single = SINGLES.find(name.operation);
    const Type *x = type(name.types.front()), *z = type(name.types.back());
    if (single == SINGLES.end() || x == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *from = arguments.at(0);
    void *to = arguments.at(4);
    const Shape shapeX = arguments.shape(1), shapeZ = arguments.shape(5);
    const Single function = single->second;
    const void *given = arguments.at(3);
    return done([=] {
        const bool straight = same_order({shapeX, shapeZ}) && shapeX.order() == 'c';
        const Parameters parameters = [=](int i) { return x->get(given, i); };
        for (Long i = 0; i < shapeX.length(); i++) {
            z->put(to, place(shapeZ, i, straight), function(x->get(from, place(shapeX, i, straight)), parameters));
        }
    });
}

// z = f(x, y), y for each of many parts of x; or each axis of y as long as x's, or 1
Work broadcast(const Name &name, const Arguments &arguments) {
    const auto pair = PAIRS.find(name.operation);
    const Type *x = type(name.types[0]), *y = type(name.types[1]), *z = type(name.types[2]);
    if (pair == PAIRS.end() || x == nullptr || y == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *left = arguments.at(0), *right = arguments.at(2);
    void *to = arguments.at(4);
    const Shape shapeX = arguments.shape(1), shapeY = arguments.shape(3), shapeZ = arguments.shape(5);
    const Pair function = pair->second;
    if (name.parameters <= 6) {
        return done([=] {
            for (Long i = 0; i < shapeZ.length(); i++) {
                Long rest = i, placeX = 0, placeY = 0, placeZ = 0;
                for (Long axis = shapeZ.rank() - 1; axis >= 0; axis--) {
                    const Long at = rest % shapeZ.size(axis);
                    rest /= shapeZ.size(axis);
                    placeX += (shapeX.size(axis) == 1 ? 0 : at) * shapeX.stride(axis);
                    placeY += (shapeY.size(axis) == 1 ? 0 : at) * shapeY.stride(axis);
                    placeZ += at * shapeZ.stride(axis);
                }
                z->put(to, placeZ, function(x->get(left, placeX), y->get(right, placeY)));
            }
        });
    }
    const Shape part = arguments.shape(8);
    const Long *offsets = arguments.at<const Long *>(9);
    const bool own = arguments.at<const Long *>(10) != nullptr;
    const Shape partZ = own ? arguments.shape(10) : part;
    const Long *offsetsZ = own ? arguments.at<const Long *>(11) : offsets;
    return done([=] {
        const bool straight = same_order({part, shapeY, partZ});
        const Long length = part.length();
        for (Long r = 0; r < shapeX.length() / length; r++) {
            for (Long i = 0; i < length; i++) {
                z->put(to, offsetsZ[r] + place(partZ, i, straight),
                       function(x->get(left, offsets[r] + place(part, i, straight)), y->get(right, place(shapeY, i, straight))));
            }
        }
    });
}

double reduced(const Reduction &by, const Type &x, const void *from, Long offset, const Shape &shape) {
    double result = by.start;
    const Long length = shape.length();
    for (Long i = 0; i < length; i++) {
        result = by.update(result, x.get(from, offset + shape.offset(i)));
    }
    return by.finish(result, length);
}

// one number for all of x
Work reduce_all(const Name &name, const Arguments &arguments) {
    const auto found = REDUCTIONS.find(name.operation);
    const Type *x = type(name.types.front()), *z = type(name.types.back());
    if (found == REDUCTIONS.end() || x == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *from = arguments.at(0);
    void *to = arguments.at(3);
    const Shape shape = arguments.shape(1);
    const Reduction by = found->second;
    return done([=] { z->put(to, 0, reduced(by, *x, from, 0, shape)); });
}

// one number for each part of x
Work reduce_parts(const Name &name, const Arguments &arguments) {
    const auto found = REDUCTIONS.find(name.operation);
    const Type *x = type(name.types.front()), *z = type(name.types.back());
    if (found == REDUCTIONS.end() || x == nullptr || z == nullptr) {
        return nullptr;
    }
    const void *from = arguments.at(0);
    void *to = arguments.at(5);
    const Shape outer = arguments.shape(1), inner = arguments.shape(2), shapeZ = arguments.shape(6);
    const Reduction by = found->second;
    return done([=] {
        for (Long r = 0; r < outer.length(); r++) {
            z->put(to, shapeZ.offset(r), reduced(by, *x, from, outer.offset(r), inner));
        }
    });
}

// each part of x, one for each block: exp(x) by its sum
Work softmax(const Name &name, const Arguments &arguments) {
    const Type *x = type(name.types[0]);
    if (x == nullptr) {
        return nullptr;
    }
    const void *from = arguments.at(0);
    void *to = arguments.at(3);
    const Shape part = arguments.shape(1), partZ = arguments.shape(4);
    const Long *offsets = arguments.at<const Long *>(2), *offsetsZ = arguments.at<const Long *>(5);
    const unsigned parts = arguments.grid.x;
    return done([=] {
        for (unsigned r = 0; r < parts; r++) {
            const auto element = [=](Long i) { return x->get(from, offsets[r] + part.offset(i)); };
            double most = -INFINITY, sum = 0;
            for (Long i = 0; i < part.length(); i++) {
                most = std::max(most, element(i));
            }
            std::vector<double> powers;
            for (Long i = 0; i < part.length(); i++) {
                powers.push_back(std::exp(element(i) - most));
                sum += powers.back();
            }
            for (Long i = 0; i < part.length(); i++) {
                x->put(to, offsetsZ[r] + partZ.offset(i), powers[size_t(i)] / sum);
            }
        }
    });
}

// z = f(x, y) for a function that only the name of the one it stands in tells
Work lambda_pair(const Name &name, const Arguments &arguments) {
    const Type *x = type(name.types[0]);
    if (x == nullptr || name.types[1].find("::tanhDerivative_<") == std::string::npos) {
        return nullptr;
    }
    const void *left = arguments.at(0), *right = arguments.at(2);
    void *to = arguments.at(4);
    const Shape shapeX = arguments.shape(1), shapeY = arguments.shape(3), shapeZ = arguments.shape(5);
    return done([=] {
        for (Long i = 0; i < shapeZ.length(); i++) {
            const double tanh = std::tanh(x->get(left, shapeX.offset(i)));
            x->put(to, shapeZ.offset(i), x->get(right, shapeY.offset(i)) * (1 - tanh * tanh));
        }
    });
}

// numbers between two limits, evenly; they are not those of ND4J's generator
Work uniform(const Name &, const Arguments &arguments) {
    float *to = arguments.at<float *>(1);
    const Shape shape = arguments.shape(2);
    const float *limits = arguments.at<const float *>(3);
    return done([=] {
        for (Long i = 0; i < shape.length(); i++) {
            const double part = std::fmod(0.5 + 0.6180339887498949 * double(i), 1.0);
            to[shape.offset(i)] = float(limits[0] + (limits[1] - limits[0]) * part);
        }
    });
}

typedef Work (*Maker)(const Name &, const Arguments &);

const std::map<std::string, Maker> MAKERS = {
    {"scalarSimpleShaped", scalar},      {"pairwiseSimpleShaped", pairwise}, {"broadcastSimple", broadcast},
    {"transformAnySimple", transform},   {"transformSameSimple", transform}, {"transformFloatSimple", transform},
    {"transformStrictSimple", transform}, {"transformBoolSimple", transform}, {"simpleScalar", reduce_all},
    {"simpleReduce", reduce_parts},      {"softMaxCuda", softmax},           {"lambdaPairwiseKernel", lambda_pair},
    {"randomSingle_0_float", uniform},
};

}  // namespace

Work standin::host_kernel(const std::string &text, Dim3 grid, void **arguments) {
    const Name name = parsed(text);
    const auto maker = MAKERS.find(name.kernel);
    return maker == MAKERS.end() ? Work() : maker->second(name, Arguments{grid, arguments});
}
