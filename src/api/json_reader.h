#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "api/answer.h"
#include "api/drift.h"
#include "api/unite.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "base/units.h"

namespace serverspace::api {

// JSON decoding as data. A table names the members of a struct that an answer
// fills, and everything else in the answer is passed over unseen:
//
//   constexpr Field<Volume> kVolumeFields[] = {
//       {"id", Id<&Volume::id>, kRequired},
//       {"size_mb", Mib<&Volume::size_bytes>, kExpected},
//   };
//   auto volumes = ReadList<kVolumeFields>(std::move(body), {"/volumes",
//   "volumes"}, &drift);

namespace json {

/// A number in its own words.
struct Number {
  std::string_view text;
};

/// One value without inner structure. Texts live until the next one comes.
using Scalar = std::variant<bool, Number, std::string_view>;

// Each reads a value as what its name says; false if it is none, or does not
// fit.
bool ReadId(const Scalar& value, std::string& out);
bool ReadText(const Scalar& value, std::string& out);
bool ReadBool(const Scalar& value, bool& out);
bool ReadInteger(const Scalar& value, std::int64_t& out);
/// Not negative, times `unit`.
bool ReadCount(const Scalar& value, std::int64_t unit, std::int64_t& out);
bool ReadMoney(const Scalar& value, Money& out);
bool ReadTime(const Scalar& value, WallTime& out);

/// Of kLength nothing but the number of elements is kept.
enum class Shape { kScalar, kScalars, kObject, kObjects, kLength };

struct Row;

/// What to do with a value, without the type of the struct it goes to: every
/// function gets a pointer to that struct.
struct Target {
  Shape shape = Shape::kScalar;
  /// Takes a scalar, or one element of kScalars. False: wrong type.
  bool (*take)(void* item, const Scalar& value) = nullptr;
  /// Forgets what was taken.
  void (*clear)(void* item) = nullptr;
  /// Says that a list came, where an absent one and an empty one differ.
  void (*begin)(void* item) = nullptr;
  /// Makes an object and gives it, or drops the last one made; of kLength,
  /// counts one.
  void* (*add)(void* item) = nullptr;
  void (*drop)(void* item) = nullptr;
  /// Makes room in a list of objects for so many in all.
  void (*reserve)(void* item, std::size_t count) = nullptr;
  /// Of a list that is whole: sorts it and leaves one of those objects that are
  /// the same thing. Answers how many went.
  std::size_t (*unite)(void* item) = nullptr;
  /// The members of such an object.
  std::span<const Row> rows = {};
  /// What one element of a list takes in memory, beside its texts.
  std::size_t element_bytes = 0;
  /// A text that is a word of a closed set is put here instead of taken.
  std::string* (*word)(void* item) = nullptr;
  std::span<const std::string_view> words = {};
};

}  // namespace json

/// What it means that an item comes without a member.
enum class Need {
  kOptional,
  kExpected,  ///< All are known to have it: it is reported.
  kRequired,  ///< The item is good for nothing: it is dropped and reported.
};
inline constexpr Need kExpected = Need::kExpected;
inline constexpr Need kRequired = Need::kRequired;

namespace json {

struct Row {
  std::string_view name;
  Target target;
  Need need = Need::kOptional;
};

}  // namespace json

/// A table row for struct `T`: the name on the wire, the member, whether it may
/// be absent. What tells items apart comes first.
template <typename T>
struct Field {
  struct Member : json::Target {};

  std::string_view name;
  Member member;
  Need need = Need::kOptional;
};

namespace json {

template <typename M>
struct MemberTraits;
template <typename C, typename V>
struct MemberTraits<V C::*> {
  using Class = C;
  using Value = V;
};

template <typename V>
struct Bare {
  using Type = V;
};
template <typename V>
struct Bare<std::optional<V>> {
  using Type = V;
};

template <auto kMember>
using ClassOf = typename MemberTraits<decltype(kMember)>::Class;
template <auto kMember>
using ValueOf = typename MemberTraits<decltype(kMember)>::Value;

template <auto kMember>
auto& At(void* item) {
  return static_cast<ClassOf<kMember>*>(item)->*kMember;
}

template <auto kMember>
void Clear(void* item) {
  At<kMember>(item) = ValueOf<kMember>();
}

/// Takes a scalar into the member by `kRead`, one of the functions above.
template <auto kMember, auto kRead, auto... kArguments>
bool Take(void* item, const Scalar& value) {
  typename Bare<ValueOf<kMember>>::Type out{};
  if (!kRead(value, kArguments..., out)) return false;
  At<kMember>(item) = std::move(out);
  return true;
}

/// The list in a member that is one, or an optional one that came.
template <auto kMember>
auto& ItemsAt(void* item) {
  if constexpr (std::is_same_v<ValueOf<kMember>,
                               typename Bare<ValueOf<kMember>>::Type>) {
    return At<kMember>(item);
  } else {
    return *At<kMember>(item);
  }
}

/// What `Target::unite` is for a list of such objects.
template <auto kMember, typename Item>
constexpr auto Unite() -> std::size_t (*)(void*) {
  if constexpr (HasIdentity<Item>) {
    return [](void* item) { return SortAndUnite(ItemsAt<kMember>(item)); };
  } else {
    return nullptr;
  }
}

/// What `Target::begin` is for a member: nothing but for optional ones.
template <auto kMember>
constexpr auto Begin() -> void (*)(void*) {
  if constexpr (std::is_same_v<ValueOf<kMember>,
                               typename Bare<ValueOf<kMember>>::Type>) {
    return nullptr;
  } else {
    return [](void* item) { At<kMember>(item).emplace(); };
  }
}

template <auto kMember, auto kRead, auto... kArguments>
bool TakeElement(void* item, const Scalar& value) {
  typename ValueOf<kMember>::value_type out{};
  if (!kRead(value, kArguments..., out)) return false;
  At<kMember>(item).push_back(std::move(out));
  return true;
}

template <auto kMember>
using MemberOf = typename Field<ClassOf<kMember>>::Member;

template <auto kMember, auto kRead, auto... kArguments>
constexpr MemberOf<kMember> MakeScalar() {
  return {
      {.take = &Take<kMember, kRead, kArguments...>, .clear = &Clear<kMember>}};
}

template <auto kMember, auto kRead, auto... kArguments>
constexpr MemberOf<kMember> MakeScalarList() {
  return {{.shape = Shape::kScalars,
           .take = &TakeElement<kMember, kRead, kArguments...>,
           .clear = &Clear<kMember>,
           .element_bytes = sizeof(typename ValueOf<kMember>::value_type)}};
}

template <typename T, std::size_t kSize>
constexpr std::array<Row, kSize> MakeRows(const Field<T> (&fields)[kSize]) {
  // Which fields were read is kept in the bits of one word.
  static_assert(kSize <= 32);
  std::array<Row, kSize> rows;
  for (std::size_t i = 0; i < kSize; ++i)
    rows[i] = {fields[i].name, fields[i].member, fields[i].need};
  return rows;
}

template <const auto& kFields>
inline constexpr auto kRows = MakeRows(kFields);

template <typename T>
struct FieldsItem;
template <typename T, std::size_t kSize>
struct FieldsItem<const Field<T>[kSize]> { using Type = T; };
template <const auto& kFields>
using ItemOf =
    typename FieldsItem<std::remove_reference_t<decltype(kFields)>>::Type;

}  // namespace json

// The kinds of members.

/// A number or a text, kept as text (API reference 1.2, 1.5).
template <auto kMember>
inline constexpr auto Id = json::MakeScalar<kMember, &json::ReadId>();
template <auto kMember>
inline constexpr auto Text = json::MakeScalar<kMember, &json::ReadText>();
template <auto kMember>
inline constexpr auto Flag = json::MakeScalar<kMember, &json::ReadBool>();
/// Any integer.
template <auto kMember>
inline constexpr auto Integer = json::MakeScalar<kMember, &json::ReadInteger>();
/// An integer that is not negative.
template <auto kMember>
inline constexpr auto Count =
    json::MakeScalar<kMember, &json::ReadCount, std::int64_t{1}>();
/// Mebibytes, kept as bytes.
template <auto kMember>
inline constexpr auto Mib =
    json::MakeScalar<kMember, &json::ReadCount, kBytesPerMib>();
/// Megabits a second, kept as bytes a second.
template <auto kMember>
inline constexpr auto Megabits =
    json::MakeScalar<kMember, &json::ReadCount, kBytesPerMegabit>();
/// A decimal number or the same as text, kept exactly.
template <auto kMember>
inline constexpr auto Amount = json::MakeScalar<kMember, &json::ReadMoney>();
template <auto kMember>
inline constexpr auto Time = json::MakeScalar<kMember, &json::ReadTime>();
/// A word of a closed set, lower-cased. `kKnown` is an array as in states.h.
template <auto kMember, const auto& kKnown>
inline constexpr auto Word = json::MemberOf<kMember>{
    {.clear = &json::Clear<kMember>,
     .word = [](void* item) { return &json::At<kMember>(item); },
     .words = kKnown}};
template <auto kMember>
inline constexpr auto Texts = json::MakeScalarList<kMember, &json::ReadText>();
template <auto kMember>
inline constexpr auto Ids = json::MakeScalarList<kMember, &json::ReadId>();
/// Integers that are not negative.
template <auto kMember>
inline constexpr auto Counts =
    json::MakeScalarList<kMember, &json::ReadCount, std::int64_t{1}>();
/// Mebibytes, kept as bytes.
template <auto kMember>
inline constexpr auto Mibs =
    json::MakeScalarList<kMember, &json::ReadCount, kBytesPerMib>();
/// How many elements a list has, whatever they are; in an optional that is
/// empty if there is something else.
template <auto kMember>
inline constexpr auto Length =
    json::MemberOf<kMember>{{.shape = json::Shape::kLength,
                             .clear = &json::Clear<kMember>,
                             .begin = json::Begin<kMember>(),
                             .add = [](void* item) -> void* {
                               ++json::ItemsAt<kMember>(item);
                               return nullptr;
                             }}};
/// A list of objects, each read by `kFields`: sorted by what tells them apart,
/// each of them once. In an optional, an absent list differs from an empty one.
template <auto kMember, const auto& kFields>
inline constexpr auto List = json::MemberOf<kMember>{
    {.shape = json::Shape::kObjects,
     .clear = &json::Clear<kMember>,
     .begin = json::Begin<kMember>(),
     .add = [](void* item) -> void* {
       return &json::ItemsAt<kMember>(item).emplace_back();
     },
     .drop = [](void* item) { json::ItemsAt<kMember>(item).pop_back(); },
     .reserve =
         [](void* item, std::size_t count) {
           json::ItemsAt<kMember>(item).reserve(count);
         },
     .unite = json::Unite<kMember, json::ItemOf<kFields>>(),
     .rows = json::kRows<kFields>,
     .element_bytes = sizeof(json::ItemOf<kFields>)}};
/// One object, in an optional.
template <auto kMember, const auto& kFields>
inline constexpr auto Object =
    json::MemberOf<kMember>{{.shape = json::Shape::kObject,
                             .clear = &json::Clear<kMember>,
                             .add = [](void* item) -> void* {
                               return &json::At<kMember>(item).emplace();
                             },
                             .drop = &json::Clear<kMember>,
                             .rows = json::kRows<kFields>}};

/// What `{}` means in place of a list, or of an object that has no wrapper (API
/// reference 1, "empty collections").
enum class EmptyObject { kIsEmpty, kIsError };

/// Which answer is read.
struct Source {
  std::string_view route;    ///< The template, for error texts.
  std::string_view wrapper;  ///< The one member of the answer that is read.
  EmptyObject empty_object = EmptyObject::kIsEmpty;
  /// What stands for the wrapper in reports of drift, where the same wrapper
  /// holds different things.
  std::string_view name = wrapper;
  /// Another name that the wrapper may have, or empty.
  std::string_view other_wrapper = {};
  /// The answer has no wrapper: it is the object itself.
  bool is_flat = false;
};

namespace json {

/// The one reader behind the templates: fills the member of `root` that is
/// `wrapped` with what the wrapper holds.
Result<void> Read(Answer answer, const Source& source, const Target& wrapped,
                  void* root, Drift* drift);

template <typename T>
struct ListRoot {
  std::vector<T> items;
};
template <typename T>
struct ObjectRoot {
  std::optional<T> item;
};

}  // namespace json

/// The items of an answer `{"wrapper": [...]}`, as List has them. An item that
/// cannot be read is dropped and reported; an answer that is no such list at
/// all is kBadResponse, and there is never a part of one. What ends the reading
/// before its time is kTimeout, kCancelled or kNoRoom. `drift` may be null:
/// nobody is told then.
template <const auto& kFields>
// NOLINTNEXTLINE(performance-unnecessary-value-param): ends with the reading
Result<std::vector<json::ItemOf<kFields>>> ReadList(Answer answer,
                                                    const Source& source,
                                                    Drift* drift) {
  using Root = json::ListRoot<json::ItemOf<kFields>>;
  Root root;
  auto read = json::Read(std::move(answer), source, List<&Root::items, kFields>,
                         &root, drift);
  if (!read.ok()) return std::move(read).error();
  return std::move(root.items);
}

/// The object of an answer `{"wrapper": {...}}`, or of a flat one. Without one,
/// or without one of its required members, the answer is kBadResponse; but a
/// flat `{}` can be an object of which nothing is known.
template <const auto& kFields>
// NOLINTNEXTLINE(performance-unnecessary-value-param): ends with the reading
Result<json::ItemOf<kFields>> ReadObject(Answer answer, const Source& source,
                                         Drift* drift) {
  using Root = json::ObjectRoot<json::ItemOf<kFields>>;
  Root root;
  auto read = json::Read(std::move(answer), source,
                         Object<&Root::item, kFields>, &root, drift);
  if (!read.ok()) return std::move(read).error();
  return *std::move(root.item);
}

}  // namespace serverspace::api
